package charge

import (
	"testing"

	"github.com/acme/queue/queuetest"
)

func TestOrder(t *testing.T) {
	if got := Order(queuetest.OrderID); got == "" {
		t.Error("nothing was booked")
	}
}
