// http-hello PORT: "Hello, World!" by net/http, as Go's own documentation starts.
//
// Try it:  target/http-hello 7000 &  wrk -t1 -c64 -d3s http://127.0.0.1:7000/
//
// How many cores it uses is the caller's choice: GOMAXPROCS.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
)

var hello = []byte("Hello, World!\n")

func answer(response http.ResponseWriter, request *http.Request) {
	if request.URL.Path != "/" {
		http.NotFound(response, request)
		return
	}
	response.Header().Set("Content-Type", "text/plain; charset=utf-8")
	response.Write(hello)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func main() {
	port := -1
	if len(os.Args) == 2 {
		if number, err := strconv.ParseUint(os.Args[1], 10, 16); err == nil {
			port = int(number)
		}
	}
	if port < 0 {
		fmt.Fprintln(os.Stderr, "usage: http-hello PORT")
		os.Exit(2)
	}

	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		fail(err)
	}
	fmt.Println("listening on", listener.Addr())
	fail(http.Serve(listener, http.HandlerFunc(answer)))
}
