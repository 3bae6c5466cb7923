"""The data layer for asyncio, over asyncpg."""
