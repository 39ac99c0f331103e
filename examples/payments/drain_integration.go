//go:build integration

package main

import orders "github.com/acme/queue"

// drain empties the queue before an integration test.
func drain() int {
	return len(orders.Orders())
}
