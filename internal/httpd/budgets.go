package httpd

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/budget"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/rest"
)

// archiveCost is what an archive costs that is taken in.
const archiveCost = 20

// Budgets are what requests may ask of the hub.
type Budgets struct {
	// Networks counts all requests of a network, before anything is looked up for
	// them: an organisation of 200 behind one address opens the client at once.
	Networks *budget.Door
	// Strangers counts the operations of those who have not signed in, by network,
	// and People those of an account or a guest's link: each its cost.
	Strangers, People *budget.Door
}

// NewBudgets returns those of a node.
func NewBudgets() *Budgets {
	return &Budgets{
		Networks:  budget.NewDoor("requests", budget.Limit{Rate: 300, Burst: 6000}),
		Strangers: budget.NewDoor("strangers", budget.Limit{Rate: 30, Burst: 2000}),
		People:    budget.NewDoor("people", budget.Limit{Rate: 30, Burst: 600}),
	}
}

// Doors are all of them, for metrics.
func (b *Budgets) Doors() []*budget.Door { return []*budget.Door{b.Networks, b.Strangers, b.People} }

// ask spends what a caller's operation costs, of the caller's budget.
func (b *Budgets) ask(ctx context.Context, cost float64) error {
	if a, ok := account.From(ctx); ok {
		return b.People.Ask(time.Now(), "account:"+a.ID.String(), cost)
	}
	if g, ok := account.GuestFrom(ctx); ok {
		return b.People.Ask(time.Now(), "guest:"+g.ID.String(), cost)
	}
	return b.Strangers.Ask(time.Now(), budget.Network(account.Address(ctx)), cost)
}

// ofNetwork refuses requests of a network that sends too many.
func (p *Parts) ofNetwork(next http.Handler) http.Handler {
	return guarded(next, func(r *http.Request) error {
		return p.Budgets.Networks.Ask(time.Now(), budget.Network(p.Accounts.RemoteAddress(r)), 1)
	})
}

// affordRaw refuses what is no operation to who asks for too much.
func (p *Parts) affordRaw(cost float64) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return guarded(next, func(r *http.Request) error { return p.Budgets.ask(r.Context(), cost) })
	}
}

func guarded(next http.Handler, ask func(*http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refused, is := errors.AsType[*problem.Error](ask(r)); is {
			problem.Write(w, refused)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// afford refuses operations to who asks for too much.
func (p *Parts) afford(ctx huma.Context, next func(huma.Context)) {
	if refused, is := errors.AsType[*problem.Error](p.Budgets.ask(ctx.Context(), rest.Cost(ctx.Operation()))); is {
		writeProblem(ctx, refused)
		return
	}
	next(ctx)
}
