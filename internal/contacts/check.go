package contacts

import (
	"net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/clock"
	"github.com/yunqiao/yunqiao/internal/label"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/textsearch"
)

// clean trims what people type and checks it; the error names the field.
func (n NewContact) clean() (NewContact, error) {
	if n.Language == "" {
		n.Language = "zh-CN"
	}
	for _, part := range []struct {
		field string
		value *string
	}{
		{"name", &n.Name},
		{"name_latin", &n.NameLatin},
		{"title", &n.Title},
		{"organisation_name", &n.OrganisationName},
		{"city", &n.City},
	} {
		var err error
		if *part.value, err = label.Optional(part.field, *part.value, label.MaxName); err != nil {
			return n, err
		}
	}
	switch {
	case n.Name == "":
		return n, problem.Invalid("name", "must not be empty")
	case n.Kind != KindPerson && n.Kind != KindOrganisation:
		return n, problem.Invalid("kind", "person or organisation")
	case n.Language != "zh-CN" && n.Language != "en":
		return n, problem.Invalid("language", "zh-CN or en")
	case strings.ContainsRune(n.Notes, 0):
		return n, problem.Invalid("notes", "contains control characters")
	}
	if n.TimeZone != "" {
		zone, err := clock.Zone("time_zone", n.TimeZone)
		if err != nil {
			return n, err
		}
		n.TimeZone = zone.String()
	}
	n.Categories = withoutDoubles(n.Categories)
	if err := n.cleanAliases(); err != nil {
		return n, err
	}
	return n, n.cleanFields()
}

func (n *NewContact) cleanAliases() error {
	kept := []string{}
	for i, alias := range n.Aliases {
		alias, err := label.Optional("aliases["+strconv.Itoa(i)+"]", alias, label.MaxName)
		if err != nil {
			return err
		}
		if alias != "" {
			kept = append(kept, alias)
		}
	}
	n.Aliases = kept
	return nil
}

func (n *NewContact) cleanFields() error {
	fields := make([]NewField, len(n.Fields))
	for i, f := range n.Fields {
		f.Value = strings.TrimSpace(f.Value)
		at := "fields[" + strconv.Itoa(i) + "]."
		if f.Value == "" || strings.ContainsRune(f.Value+f.Label+f.Source, 0) {
			return problem.Invalid(at+"value", "must not be empty or hold control characters")
		}
		if f.Kind == FieldEmail {
			if a, err := mail.ParseAddress(f.Value); err != nil || a.Address != f.Value {
				return problem.Invalid(at+"value", "not an e-mail address")
			}
		}
		if f.VerifiedAt != nil {
			if _, err := time.Parse(time.DateOnly, *f.VerifiedAt); err != nil {
				return problem.Invalid(at+"verified_at", "a date such as 2026-11-23")
			}
		}
		fields[i] = f
	}
	n.Fields = fields
	return nil
}

func withoutDoubles(ids []uuid.UUID) []uuid.UUID {
	kept := []uuid.UUID{}
	seen := map[uuid.UUID]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			kept = append(kept, id)
		}
	}
	return kept
}

// verifiedOn is the newest date on which one of the fields was checked. Dates
// in this form compare as text.
func (n NewContact) verifiedOn() *string {
	var newest *string
	for _, f := range n.Fields {
		if f.VerifiedAt != nil && (newest == nil || *f.VerifiedAt > *newest) {
			newest = f.VerifiedAt
		}
	}
	return newest
}

// named returns what the contact is found by.
func (n NewContact) named(organisation string) textsearch.Named {
	found := textsearch.Named{
		Person: n.Kind == KindPerson,
		Names:  append([]string{n.Name}, n.Aliases...),
		Texts:  []string{n.NameLatin, n.Title, organisation, n.City},
	}
	for _, f := range n.Fields {
		if f.Kind == FieldPhone {
			found.Phones = append(found.Phones, f.Value)
		}
	}
	return found
}
