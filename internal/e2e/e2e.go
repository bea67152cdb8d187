// Package e2e holds no code but the end-to-end tests, under the build tag e2e:
// the real image, built by the real Dockerfile, used by workflows on a real
// workflow runner (act) with a Docker engine, against the embedded Cursor API.
//
//	go test -tags e2e -parallel 8 ./internal/e2e
//
// Each story is judged by the runner's verdict and log, by what the steps after
// the action were handed, and by what the Cursor API knows to have happened.
// Most stories wait most of their time, so that more of them than there are
// cores can be told at once.
//
// The tests need a Docker engine on this very machine (DOCKER_HOST names one that
// isn't the default) whose containers may change the network, act (E2E_ACT, else
// the one on PATH) and an image to run jobs in (E2E_JOB_IMAGE, else busybox:1.37).
// The command .ci/run provides all three.
package e2e
