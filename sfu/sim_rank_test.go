package sfu

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// TestSimLayersAreRankedBySize: in whatever order an encoder lists its layers, a small tile gets the small one and a large tile the large one.
func TestSimLayersAreRankedBySize(t *testing.T) {
	t.Parallel()
	for _, lists := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {0, 2, 1}, {1, 2, 0}, {2, 0, 1}} {
		t.Run(fmt.Sprint(lists), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newSimWorld(t, 1)
				defer w.close()
				w.join("a", simSetup{ip: "10.0.1.1", sends: true, lists: lists})
				small := w.join("b", simSetup{ip: "10.0.2.1", seats: 1})
				small.peer.View([]Tile{{Peer: "a", Kind: Person, Width: 160, Height: 90}})
				large := w.join("c", simSetup{ip: "10.0.3.1", seats: 1})
				large.peer.View([]Tile{{Peer: "a", Kind: Person, Width: 1280, Height: 720}})
				time.Sleep(5 * time.Second)
				from := w.sfu.now()
				time.Sleep(5 * time.Second)
				for i, s := range map[int]simScore{0: small.rx.score(from, w.sfu.now()), 2: large.rx.score(from, w.sfu.now())} {
					if s.layers[i] < 0.99 || s.frozen > 0 {
						t.Errorf("layer %d is due: %v", i, s)
					}
				}
			})
		})
	}
}
