package cursor

// NewTransport is the transport of a Config without one, for tests that need to
// put a proxy or a certificate into it.
var NewTransport = newTransport
