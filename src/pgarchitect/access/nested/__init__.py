"""Nested writes: a row with the rows that its relations lead to, understood and put into SQL; nothing waits."""
