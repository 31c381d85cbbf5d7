package signaling

import (
	"time"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/budget"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// How many sockets somebody may have open on a node. Each tab and each device has
// one, and one that was lost is found out after a while.
const (
	accountSockets = 40
	guestSockets   = 12
)

// Budgets are what the hub's sockets may ask of it, over all the sockets that a
// person has.
type Budgets struct {
	// Accept counts sockets that are opened, by network: 200 people behind one
	// address come back together when a node is started again, some of them twice.
	Accept *budget.Door
	// Open are the sockets that a person has.
	Open *budget.Places
	// Messages counts all that a person says, and the others some of it.
	Messages, Knocks, Offers, Reactions *budget.Door
	// Announcements are posts that have to be confirmed, are urgent or name a whole
	// group: they ring at everybody's.
	Announcements *budget.Door
	// Appliances counts the requests of encoders and players by network, whatever
	// token they show, and ApplianceOffers those that show a guest's link, by link:
	// who is not let in tries again every few seconds.
	Appliances, ApplianceOffers *budget.Door
	// Cheers are those of a room: each goes to everybody in it.
	Cheers *budget.Door
}

// NewBudgets returns those of a node.
func NewBudgets() *Budgets {
	return &Budgets{
		Accept:          budget.NewDoor("socket_accept", budget.Limit{Rate: 20, Burst: 600}),
		Open:            budget.NewPlaces("sockets"),
		Messages:        budget.NewDoor("socket_messages", budget.Limit{Rate: 2 * messageRate, Burst: 4 * messageBurst}),
		Knocks:          budget.NewDoor("knocks", budget.Limit{Rate: 0.5, Burst: 10}),
		Offers:          budget.NewDoor("offers", budget.Limit{Rate: 60, Burst: 900}),
		Reactions:       budget.NewDoor("reactions", budget.Limit{Rate: 3, Burst: 20}),
		Announcements:   budget.NewDoor("announcements", budget.Limit{Rate: 1. / 30, Burst: 20}),
		Appliances:      budget.NewDoor("appliances", budget.Limit{Rate: 10, Burst: 200}),
		ApplianceOffers: budget.NewDoor("appliance_offers", budget.Limit{Rate: 1, Burst: 30}),
		Cheers:          budget.NewDoor("cheers", budget.Limit{Rate: 20, Burst: 40}),
	}
}

// Doors are all of them that are asked, for metrics.
func (b *Budgets) Doors() []*budget.Door {
	return []*budget.Door{
		b.Accept, b.Messages, b.Knocks, b.Offers, b.Reactions, b.Announcements, b.Appliances, b.ApplianceOffers, b.Cheers,
	}
}

// budgetKey is whose budget a session spends: an account's, or a guest's link's.
func (s *session) budgetKey() string { return string(s.me.Kind) + ":" + s.me.ID.String() }

// takePlace takes one of the sockets that the session's person may have.
func (s *session) takePlace() (leave func(), err error) {
	most := accountSockets
	if s.me.Kind == chat.GuestPerson {
		most = guestSockets
	}
	leave, ok := s.hub.Budgets.Open.Take(s.budgetKey(), most)
	if !ok {
		return nil, failure(wire.CodeRate, "too many open sockets; close some windows")
	}
	return leave, nil
}

// afford spends what a message costs.
func (s *session) afford(m wire.ClientMessage) error {
	now, key, b := time.Now(), s.budgetKey(), s.hub.Budgets
	if err := b.Messages.Ask(now, key, 1); err != nil {
		return err
	}
	switch m := m.(type) {
	case *wire.Knock:
		return b.Knocks.Ask(now, key, 1)
	case *wire.Join:
		return b.Offers.Ask(now, key, offerCost(m.Offer))
	case *wire.Renegotiate:
		return b.Offers.Ask(now, key, offerCost(m.Offer))
	case *wire.React, *wire.Cheer:
		return b.Reactions.Ask(now, key, 1)
	case *wire.Edit:
		if len(m.MentionGroups) > 0 {
			return b.Announcements.Ask(now, key, 1)
		}
	case *wire.Post:
		if m.MustConfirm || m.Urgent || len(m.MentionGroups) > 0 {
			return b.Announcements.Ask(now, key, 1)
		}
	}
	return nil
}

// offerCost is about the work that an offer makes: each seat is two sections.
// One with more than anybody may have is refused before there is work.
func offerCost(o wire.Offer) float64 { return float64(5 + min(len(o.Seats), 150)) }
