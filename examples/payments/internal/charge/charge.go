// Package charge turns orders into entries of the ledger.
package charge

import (
	"github.com/acme/ledger"
	"github.com/acme/money"
)

// Order charges one order and says what was booked.
func Order(id string) string {
	return ledger.Book(id, money.Cents(1999))
}
