// Command fsck checks a ledger with nothing but Go's own transparency log packages, golang.org/x/mod/sumdb/tlog and note.
//
// usage: fsck LEDGER_URL VKEY_FILE [OLDER_CHECKPOINT_FILE…]
//
// It checks the checkpoint's signature, rebuilds the tree from the entries, proves every entry through the tiles, and proves
// that the tree continues each older checkpoint.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

func main() {
	if len(os.Args) < 3 {
		fail(errors.New("usage: fsck LEDGER_URL VKEY_FILE [OLDER_CHECKPOINT_FILE…]"))
	}
	l := ledger(strings.TrimSuffix(os.Args[1], "/"))
	vkey, err := os.ReadFile(os.Args[2])
	fail(err)
	verifier, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	fail(err)
	signed, err := l.get("checkpoint")
	fail(err)
	tree, err := open(signed, verifier)
	fail(err)
	fail(l.checkEntries(tree))
	for _, file := range os.Args[3:] {
		older, err := os.ReadFile(file)
		fail(err)
		fail(l.checkContinues(tree, older, verifier))
	}
	fmt.Printf("OK: %d entries, %d older checkpoints\n", tree.N, len(os.Args[3:]))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAILED:", err)
		os.Exit(1)
	}
}

// open checks a checkpoint's signature and form.
func open(signed []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s: %q", verifier.Name(), opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, fmt.Errorf("root %q", lines[2])
	}
	return tlog.Tree{N: size, Hash: tlog.Hash(root)}, nil
}

type ledger string

func (l ledger) get(path string) ([]byte, error) {
	response, err := http.Get(string(l) + "/" + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	return io.ReadAll(response.Body)
}

// Height, ReadTiles and SaveTiles make the ledger a tlog.TileReader, which never believes a tile that the root does not prove.
func (l ledger) Height() int                     { return tileHeight }
func (l ledger) SaveTiles([]tlog.Tile, [][]byte) {}
func (l ledger) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		bytes, err := l.get(pathOf(tile))
		if err != nil {
			return nil, err
		}
		data[i] = bytes
	}
	return data, nil
}

// pathOf is the tile's path as https://c2sp.org/tlog-tiles has it, which leaves the height out.
func pathOf(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

// checkEntries rebuilds the tree from the entries, compares its root, and proves every entry through the tiles.
func (l ledger) checkEntries(tree tlog.Tree) error {
	stored := hashes{}
	proven := tlog.TileHashReader(tree, l)
	for first := int64(0); first < tree.N; first += 1 << tileHeight {
		width := min(1<<tileHeight, tree.N-first)
		bundle, err := l.get(pathOf(tlog.Tile{H: tileHeight, L: -1, N: first >> tileHeight, W: int(width)}))
		if err != nil {
			return err
		}
		for n := first; n < first+width; n++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return fmt.Errorf("entry %d: its bundle ends", n)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			record := tlog.RecordHash(bundle[2:end])
			bundle = bundle[end:]
			more, err := tlog.StoredHashesForRecordHash(n, record, stored)
			if err != nil {
				return err
			}
			stored = append(stored, more...)
			proof, err := tlog.ProveRecord(tree.N, n, proven)
			if err != nil {
				return fmt.Errorf("entry %d: %w", n, err)
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, n, record); err != nil {
				return fmt.Errorf("entry %d: %w", n, err)
			}
		}
		if len(bundle) > 0 {
			return fmt.Errorf("%d bytes behind entry %d", len(bundle), first+width-1)
		}
	}
	root, err := tlog.TreeHash(tree.N, stored)
	if err == nil && root != tree.Hash {
		err = fmt.Errorf("the entries’ root is %v, the signed one %v", root, tree.Hash)
	}
	return err
}

func (l ledger) checkContinues(tree tlog.Tree, signed []byte, verifier note.Verifier) error {
	older, err := open(signed, verifier)
	if err != nil || older == tree {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, older.N, tlog.TileHashReader(tree, l))
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash)
}

// hashes are those of a tree, by their storage index.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	read := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(h)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		read[i] = h[index]
	}
	return read, nil
}
