// Writes vectors/go-sort.json: where Go's own sort.Slice leaves equal elements, for as many as oracles can be.
//
//	go run tools/go-sort-vectors.go >vectors/go-sort.json
//
// Go keeps this order since 1.19, and libocr's reports depend on it.
package main

import (
	"fmt"
	"math/rand"
	"runtime"
	"sort"
	"strings"
)

const most = 31

func main() {
	random := rand.New(rand.NewSource(1))
	var lines []string
	for length := 0; length <= most; length++ {
		for name, values := range cases(random, length) {
			line := fmt.Sprintf(`    {"kind": %q, "values": "0x%x", "order": "0x%x"}`, name, values, order(values))
			lines = append(lines, line)
		}
	}
	sort.Strings(lines)
	fmt.Printf("{\n  \"source\": \"sort.Slice of %s, by tools/go-sort-vectors.go: value of each place, then places in order\",\n", runtime.Version())
	fmt.Printf("  \"cases\": [\n%s\n  ]\n}\n", strings.Join(lines, ",\n"))
}

// order sorts places by their values.
func order(values []byte) []byte {
	places, _ := sorted(values)
	return places
}

// sorted sorts places by their values, and counts comparisons.
func sorted(values []byte) ([]byte, int) {
	places := make([]byte, len(values))
	for place := range places {
		places[place] = byte(place)
	}
	comparisons := 0
	sort.Slice(places, func(i, j int) bool {
		comparisons++
		return values[places[i]] < values[places[j]]
	})
	return places, comparisons
}

func cases(random *rand.Rand, length int) map[string][]byte {
	found := map[string][]byte{}
	add := func(name string, value func(place int) int) {
		values := make([]byte, length)
		for place := range values {
			values[place] = byte(value(place))
		}
		found[fmt.Sprintf("%02d %s", length, name)] = values
	}
	for _, distinct := range []int{1, 2, 3, 5, 9, 17, 31} {
		add(fmt.Sprintf("random of %d", distinct), func(int) int { return random.Intn(distinct) })
	}
	if length <= 12 {
		return found // insertion: nothing else to see
	}
	for _, step := range []int{1, 2, 3, 5} {
		add(fmt.Sprintf("rising by %d", step), func(place int) int { return place / step })
		add(fmt.Sprintf("falling by %d", step), func(place int) int { return (length - place) / step })
		add(fmt.Sprintf("sawtooth of %d", 4*step), func(place int) int { return place % (4 * step) })
		add(fmt.Sprintf("hill by %d", step), func(place int) int { return min(place, length-place) / step })
		add(fmt.Sprintf("valley by %d", step), func(place int) int { return max(place, length-place) / step })
		swapped := random.Intn(length - 1)
		add(fmt.Sprintf("rising by %d but for one", step), func(place int) int {
			if place == swapped {
				return (place + 7) / step
			}
			return place / step
		})
	}
	for number, hostile := range worst(random, length) {
		// What heap sort is left with are the greater ones: some of them equal.
		for _, equal := range []int{1, 2, 3, most} {
			add(fmt.Sprintf("worst %d, %d equal", number, equal), func(place int) int {
				value := int(hostile[place])
				return min(value, 12+max(value-12, 0)/equal)
			})
		}
	}
	return found
}

// worst returns the lists that take the most comparisons, of many that a random adversary made: heap sort takes over.
func worst(random *rand.Rand, length int) [][]byte {
	type list struct {
		values      []byte
		comparisons int
	}
	lists := make([]list, 20_000)
	for i := range lists {
		values := hostile(random, length)
		_, comparisons := sorted(values)
		lists[i] = list{values, comparisons}
	}
	sort.SliceStable(lists, func(i, j int) bool { return lists[i].comparisons > lists[j].comparisons })
	var found [][]byte
	for _, list := range lists[:5] {
		found = append(found, list.values)
	}
	return found
}

// hostile returns values that were decided while the sort compared them, so that many of its pivots are among the least
// that are left (after McIlroy, A killer adversary for quicksort, 1999).
func hostile(random *rand.Rand, length int) []byte {
	undecided := byte(length)
	values, places := make([]byte, length), make([]int, length)
	for place := range values {
		values[place], places[place] = undecided, place
	}
	decided, candidate := byte(0), 0
	sort.Slice(places, func(i, j int) bool {
		left, right := places[i], places[j]
		if values[left] == undecided && values[right] == undecided {
			place := right
			if (left == candidate) == (random.Intn(3) > 0) {
				place = left
			}
			values[place] = decided
			decided++
		}
		if values[left] == undecided {
			candidate = left
		} else if values[right] == undecided {
			candidate = right
		}
		return values[left] < values[right]
	})
	return values
}
