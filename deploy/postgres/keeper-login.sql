-- Gives the keeper of personal values a login, after `phoihop ledger migrate`. Leave it out where nobody is to show or
-- erase them through this database.
--
--   export KEEPER_PASSWORD=…
--   psql "$SUPERUSER_DSN" -f deploy/postgres/keeper-login.sql
--
-- The keeper may read locked values and, as the reader, the ledger. The keys are files of the audit's machine
-- (PHOIHOP_HOME/keys/personal): without them the login shows nothing and erases nothing.
\set ON_ERROR_STOP on
\getenv keeper_password KEEPER_PASSWORD

BEGIN;
ALTER ROLE phoihop_personal_keeper LOGIN PASSWORD :'keeper_password' CONNECTION LIMIT 4;
ALTER ROLE phoihop_personal_keeper SET default_transaction_read_only = on;
GRANT CONNECT ON DATABASE :"DBNAME" TO phoihop_personal_keeper;
COMMIT;
