//go:build unix

package actions

import (
	"io/fs"
	"os"
	"syscall"
)

// owner is who new files are given to. The zero value keeps them as they are.
type owner struct {
	known    bool
	uid, gid int
}

// ownerOf returns the owner of the folder that info describes, if this process
// may give files away.
func ownerOf(info fs.FileInfo) owner {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return owner{known: ok && os.Geteuid() == 0, uid: int(stat.Uid), gid: int(stat.Gid)}
}

// give makes name theirs. A file that stays with root is still there to read,
// so a file system that does not allow it is no error.
func (o owner) give(root *os.Root, name string) {
	if o.known {
		_ = root.Lchown(name, o.uid, o.gid)
	}
}
