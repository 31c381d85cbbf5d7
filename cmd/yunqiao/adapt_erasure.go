package main

import (
	"context"
	"slices"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/calls"
	"github.com/yunqiao/yunqiao/internal/erasure"
	"github.com/yunqiao/yunqiao/internal/files"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/schedule"
)

// makeErasures joins the parts that keep data of people, in the order in which
// they erase it: nobody writes any more when what they wrote goes, and files
// go when no message carries them.
func (n *node) makeErasures() *erasure.Erasures {
	return &erasure.Erasures{Pool: n.pool, Audit: n.audit, Who: n.identify, FindGuests: n.findGuests, Parts: []erasure.Part{
		signInPart{n}, invitationsPart{n.schedule}, chatPart{n.chat}, filesPart{n.files}, callsPart{n.calls}, noticesPart{n.notices},
	}}
}

// identify says who an account or a guest is besides, and what they are called.
func (n *node) identify(ctx context.Context, who erasure.Person) (erasure.Identity, error) {
	guests, called, err := n.schedule.SamePerson(ctx, who.ID)
	if err != nil {
		return erasure.Identity{}, err
	}
	named := guests
	if who.Kind == erasure.GuestPerson {
		named = append(slices.Clone(guests), who.ID)
	} else {
		a, err := n.accounts.ByID(ctx, who.ID)
		if err != nil {
			return erasure.Identity{}, err
		}
		called = append(called, a.Name, a.UserName, a.Email)
	}
	names, err := n.guests.Called(ctx, named)
	if err == nil && who.Kind == erasure.GuestPerson && len(names) == 0 {
		err = account.ErrNotFound // nobody was ever given that link
	}
	return erasure.Identity{Guests: guests, Called: append(called, names...)}, err
}

// findGuests finds guests by what invitations say of them.
func (n *node) findGuests(ctx context.Context, part string, limit int) ([]erasure.GuestFound, error) {
	people, err := n.schedule.FindGuests(ctx, part, limit)
	found := make([]erasure.GuestFound, len(people))
	for i, p := range people {
		found[i] = erasure.GuestFound(p)
	}
	return found, err
}

// signInPart is the account, or the guest's link.
type signInPart struct{ node *node }

func (signInPart) Name() string { return "sign_in" }

func (p signInPart) Erase(ctx context.Context, who erasure.Person) (any, error) {
	if who.Kind == erasure.GuestPerson {
		err := p.node.guests.Erase(ctx, who.ID, who.Called)
		if err == nil && p.node.hub != nil {
			p.node.hub.GuestRevoked(who.ID)
		}
		return map[string]int64{"guest_link": 1}, err
	}
	err := p.node.accounts.Erase(ctx, who.ID, who.Called)
	if err == nil && p.node.hub != nil {
		p.node.hub.AccountRevoked(who.ID)
	}
	return map[string]int64{"account": 1}, err
}

func (p signInPart) Remains(ctx context.Context, who erasure.Person) (map[string]int64, error) {
	remains := map[string]int64{"name": 0}
	if who.Kind == erasure.GuestPerson {
		return remains, nil // the link has no other name, and no session
	}
	a, err := p.node.accounts.ByID(ctx, who.ID)
	if err == nil && (a.Name != who.Called || a.Email != "") {
		remains["name"] = 1
	}
	return remains, err
}

// invitationsPart is what the person was invited as.
type invitationsPart struct{ schedule *schedule.Schedule }

func (invitationsPart) Name() string { return "invitations" }

func (p invitationsPart) Erase(ctx context.Context, who erasure.Person) (any, error) {
	n, err := p.schedule.EraseOf(ctx, who.ID, who.Called)
	return map[string]int64{"invitations": n}, err
}

func (p invitationsPart) Remains(ctx context.Context, who erasure.Person) (map[string]int64, error) {
	n, err := p.schedule.InvitedAs(ctx, who.ID, who.Called)
	return map[string]int64{"invitations": n}, err
}

// chatPart is what was said.
type chatPart struct{ chat *chat.Store }

func (chatPart) Name() string { return "rooms" }

func (p chatPart) Erase(ctx context.Context, who erasure.Person) (any, error) {
	return p.chat.Erase(ctx, who.ID, who.Called)
}

func (p chatPart) Remains(ctx context.Context, who erasure.Person) (map[string]int64, error) {
	return p.chat.RemainsOf(ctx, who.ID, who.Called)
}

// filesPart is what was uploaded.
type filesPart struct{ files *files.Files }

func (filesPart) Name() string { return "files" }

func (p filesPart) Erase(ctx context.Context, who erasure.Person) (any, error) {
	n, err := p.files.EraseOf(ctx, who.ID)
	return map[string]int64{"files": n}, err
}

func (p filesPart) Remains(ctx context.Context, who erasure.Person) (map[string]int64, error) {
	n, err := p.files.CountOf(ctx, who.ID)
	return map[string]int64{"files": n}, err
}

// callsPart is who was rung.
type callsPart struct{ calls *calls.Calls }

func (callsPart) Name() string { return "calls" }

func (p callsPart) Erase(ctx context.Context, who erasure.Person) (any, error) {
	n, err := p.calls.EraseOf(ctx, who.ID, who.Called)
	return map[string]int64{"names": n}, err
}

func (p callsPart) Remains(ctx context.Context, who erasure.Person) (map[string]int64, error) {
	n, err := p.calls.NamesOf(ctx, who.ID, who.Called)
	return map[string]int64{"names": n}, err
}

// noticesPart is what the person was told.
type noticesPart struct{ notices *notify.Notices }

func (noticesPart) Name() string { return "notices" }

func (p noticesPart) Erase(ctx context.Context, who erasure.Person) (any, error) {
	n, err := p.notices.EraseOf(ctx, who.ID)
	return map[string]int64{"notices": n}, err
}

func (p noticesPart) Remains(ctx context.Context, who erasure.Person) (map[string]int64, error) {
	n, err := p.notices.CountOf(ctx, who.ID)
	return map[string]int64{"notices": n}, err
}
