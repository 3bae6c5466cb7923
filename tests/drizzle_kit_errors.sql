-- Each beside the same in drizzle_kit_errors.ts: legal, and nothing of ours.
CREATE TABLE forth (a int, b int, CONSTRAINT forth_key PRIMARY KEY (a, b));
CREATE TABLE back (a int, b int, CONSTRAINT back_key PRIMARY KEY (b, a));
CREATE TABLE refers (x int, y int, CONSTRAINT refers_key FOREIGN KEY (y, x) REFERENCES back (b, a));
CREATE TABLE referred (a int);
CREATE UNIQUE INDEX referred_key ON referred (a);
CREATE TABLE refers_too (a int, CONSTRAINT refers_too_key FOREIGN KEY (a) REFERENCES referred (a));
CREATE TABLE list (a text[] DEFAULT ARRAY['x']);
CREATE TYPE "Mood" AS ENUM ('fine');
CREATE TABLE moods (a "Mood"[]);
CREATE SCHEMA other;
CREATE TABLE other."T" (id serial PRIMARY KEY);
CREATE TABLE sum (a int DEFAULT 1 + 1);
CREATE TABLE big (a bigint DEFAULT 5);
CREATE TABLE apostrophe ("it's" smallserial);
CREATE TABLE letter (a "char");
CREATE TABLE sorted (a text);
CREATE INDEX sorted_index ON sorted (a text_pattern_ops DESC);
-- The next one is not the same: drizzle-kit does not see that it is not.
CREATE TABLE unseen (a timestamp(3) DEFAULT now());
