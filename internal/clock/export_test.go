package clock

// The tables, as they are shipped.
var (
	Links   = links
	NamesZH = namesZH
)
