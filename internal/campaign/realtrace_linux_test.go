package campaign_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"unsafe"
)

// trace follows a process through its system calls, as a debugger does, and
// knows those by which it talks to the runner and to the network. The process
// stands still before each, so that a signal comes at exactly that place.
// https://man7.org/linux/man-pages/man2/ptrace.2.html
type trace struct {
	places []place // those that the process came to, in order
}

// What ptrace(2) calls them; package syscall does not have them all.
const (
	ptraceGetSyscallInfo = 0x420e
	ptraceOptionExitKill = 0x00100000 // the process dies with us
	syscallStop          = syscall.SIGTRAP | 0x80
	syscallEntry         = 1
	waitAllThreads       = 0x40000000
)

// syscallInfo is struct ptrace_syscall_info at the entry of a system call, the
// same on every architecture.
type syscallInfo struct {
	op          uint8
	_           [3]uint8
	arch        uint32
	instruction uint64
	stack       uint64
	number      uint64
	args        [6]uint64
	_           [2]uint64
}

// follow starts the process and returns how it ended.
func (t *trace) follow(r *realProcess, started chan<- error) syscall.WaitStatus {
	// Only the thread that started the process is its tracer. It is not used for
	// anything else: it ends with this goroutine.
	runtime.LockOSThread()
	if err := r.command.Start(); err != nil {
		started <- err
		return 0
	}
	pid := r.command.Process.Pid
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, waitAllThreads, nil); err != nil {
		panic(err) // the process is our child
	}
	err := syscall.PtraceSetOptions(pid, syscall.PTRACE_O_TRACESYSGOOD|syscall.PTRACE_O_TRACECLONE|ptraceOptionExitKill)
	started <- err
	threads := map[int]bool{pid: true}
	for tid, deliver := pid, 0; ; {
		// A thread that was killed in the meantime can't go on, and is waited for.
		_ = syscall.PtraceSyscall(tid, deliver)
		for {
			tid, err = syscall.Wait4(-pid, &status, waitAllThreads, nil)
			if err != syscall.EINTR {
				break
			}
		}
		switch deliver = 0; {
		case err != nil:
			panic(fmt.Errorf("wait for the threads of process %d: %w", pid, err))
		case tid == pid && (status.Exited() || status.Signaled()):
			return status
		case !status.Stopped():
			delete(threads, tid) // another one may get its number
		case status.StopSignal() == syscallStop:
			t.enter(r, pid, tid)
		case status.StopSignal() == syscall.SIGTRAP: // it made a thread
		case status.StopSignal() == syscall.SIGSTOP && !threads[tid]: // that begins
			threads[tid] = true
		default:
			deliver = int(status.StopSignal())
		}
	}
}

// enter notes the system call that a thread is about to make, if it is one of
// those that matter.
func (t *trace) enter(r *realProcess, pid, tid int) {
	var info syscallInfo
	_, _, failed := syscall.RawSyscall6(syscall.SYS_PTRACE, ptraceGetSyscallInfo, uintptr(tid), unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0)
	if failed != 0 || info.op != syscallEntry {
		return
	}
	var what string
	switch info.number {
	case syscall.SYS_CONNECT:
		what = "connect"
	case syscall.SYS_OPENAT:
		what = r.named("open", readString(tid, info.args[1]))
	case syscall.SYS_WRITE, syscall.SYS_PWRITE64, syscall.SYS_WRITEV:
		if what = r.named("write", readLink(pid, info.args[0])); info.args[0] == 1 {
			what = "write log"
		}
	case syscall.SYS_CLOSE:
		what = r.named("close", readLink(pid, info.args[0]))
	case syscall.SYS_RENAMEAT:
		what = "rename"
	case syscall.SYS_EXECVE:
		what = "execute"
	}
	switch what {
	case "":
		return
	case "execute":
		r.strange = append(r.strange, "it executes another program")
	}
	at := place{what: what, n: 1}
	for _, before := range t.places {
		if before.what == what {
			at.n++
		}
	}
	t.places = append(t.places, at)
	r.at(at)
}

// named is what a process does to one of the runner's files, "" for another.
func (r *realProcess) named(deed, path string) string {
	for name, of := range r.files {
		if of == path {
			return deed + " " + name
		}
	}
	return ""
}

// readLink is the path of an open file.
func readLink(pid int, descriptor uint64) string {
	path, _ := os.Readlink(filepath.Join("/proc", fmt.Sprint(pid), "fd", fmt.Sprint(int32(descriptor))))
	return path
}

// readString is a text in the memory of a thread that stands still.
func readString(tid int, address uint64) string {
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", tid))
	if err != nil {
		return ""
	}
	defer func() { _ = memory.Close() }()
	text := make([]byte, 4096)
	n, _ := memory.ReadAt(text, int64(address))
	if end := slices.Index(text[:n], 0); end >= 0 {
		return string(text[:end])
	}
	return string(bytes.TrimRight(text[:n], "\x00"))
}
