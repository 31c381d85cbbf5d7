// Command gen writes the table of traditional characters from OpenCC's
// dictionary TSCharacters.txt, of which only the first, usual, simplified form
// is kept. Usage: gen TSCharacters.txt > simplified.txt
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"strings"
	"unicode/utf8"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: gen TSCharacters.txt > simplified.txt")
	}
	in, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 || utf8.RuneCountInString(fields[0]) != 1 || utf8.RuneCountInString(fields[1]) != 1 || fields[0] == fields[1] {
			continue
		}
		fmt.Println(fields[0] + fields[1])
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}
