module github.com/acme/payments

go 1.21

require (
	github.com/acme/clock v0.4.0
	github.com/acme/ledger v1.3.0
	github.com/acme/log v1.9.0
	github.com/acme/money v1.2.0
	github.com/acme/queue v2.1.0
)

// v1.2.9 charged twice.
exclude github.com/acme/ledger v1.2.9
