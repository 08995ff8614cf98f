//! tokio-proxy PORT UPSTREAM_PORT: the TCP proxy of Tokio's own examples, on its one-thread runtime.
//!
//! Try it:  ../c/target/epoll-echo 7000 &  target/release/tokio-proxy 7001 7000 &  ../c/target/epoll-load 7001 64 64 1 3
//!
//! A task a connection, which copies both ways through the buffers that Tokio chooses.

use std::env;
use std::io;
use std::process::exit;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

async fn proxy(mut client: TcpStream, upstream_port: u16) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut upstream = TcpStream::connect(("127.0.0.1", upstream_port)).await?;
    upstream.set_nodelay(true)?;
    copy_bidirectional(&mut client, &mut upstream).await?;
    Ok(())
}

fn port(index: usize) -> u16 {
    let port = env::args().nth(index).and_then(|text| text.parse().ok());
    port.unwrap_or_else(|| {
        eprintln!("usage: tokio-proxy PORT UPSTREAM_PORT");
        exit(2);
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let (own_port, upstream_port) = (port(1), port(2));
    let listener = TcpListener::bind(("127.0.0.1", own_port)).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept().await?;
        // A client that goes away ends its own task only.
        tokio::spawn(proxy(client, upstream_port));
    }
}
