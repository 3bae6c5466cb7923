"""The types that PostgreSQL itself has, by the names that the catalog gives them."""

from collections.abc import Mapping
from typing import Final

_NAMES: Final = """
    aclitem bit bool box bpchar bytea char cid cidr circle date datemultirange daterange float4 float8 inet int2
    int2vector int4 int4multirange int4range int8 int8multirange int8range interval json jsonb jsonpath line
    lseg macaddr macaddr8 money name numeric nummultirange numrange oid oidvector path pg_lsn pg_snapshot point
    polygon refcursor regclass regcollation regconfig regdictionary regnamespace regoper regoperator regproc
    regprocedure regrole regtype text tid time timestamp timestamptz timetz tsmultirange tsquery tsrange
    tstzmultirange tstzrange tsvector txid_snapshot uuid varbit varchar xid xid8 xml
"""
BUILT_IN: Final = frozenset(_NAMES.split())
"""Types of ``pg_catalog`` in PostgreSQL 18 that a column can have."""

ALIASES: Final[Mapping[str, str]] = {
    "bigint": "int8",
    "bit varying": "varbit",
    "boolean": "bool",
    "char": "bpchar",
    "character": "bpchar",
    "character varying": "varchar",
    "decimal": "numeric",
    "double precision": "float8",
    "int": "int4",
    "integer": "int4",
    "real": "float4",
    "smallint": "int2",
    "time with time zone": "timetz",
    "time without time zone": "time",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
}
"""SQL's names of PostgreSQL's types: https://www.postgresql.org/docs/current/datatype.html"""
