// Command payments charges what is queued.
package main

import (
	"github.com/acme/clock"
	"github.com/acme/log"
	"github.com/acme/payments/internal/charge"
	"github.com/acme/queue"
)

func main() {
	log.Print("payments starts at " + clock.Now())
	for _, order := range queue.Orders() {
		log.Print(charge.Order(order))
	}
}
