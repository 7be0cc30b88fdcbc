-- What the ceiling server and the Node.js server write: the received message and the order that it pays.
-- MariaDB; store_sqlite.cpp holds the same for SQLite.
CREATE TABLE inbox (
  id BIGINT NOT NULL PRIMARY KEY AUTO_INCREMENT,
  source VARCHAR(32) NOT NULL,
  dedup_key VARCHAR(128) NOT NULL,
  raw MEDIUMTEXT NOT NULL,
  received_at BIGINT NOT NULL,
  UNIQUE KEY inbox_source_key (source, dedup_key)
);
CREATE TABLE charge (
  out_trade_no VARCHAR(64) NOT NULL PRIMARY KEY,
  amount_fen BIGINT NOT NULL,
  state VARCHAR(16) NOT NULL,
  transaction_id VARCHAR(64),
  paid_at BIGINT
);
