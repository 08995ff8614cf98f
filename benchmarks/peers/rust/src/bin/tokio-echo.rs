//! tokio-echo PORT: the TCP echo server of Tokio's own examples, on its one-thread runtime.
//!
//! Try it:  target/release/tokio-echo 7000 &  ../c/target/epoll-load 7000 64 64 1 3
//!
//! A task a connection, with a buffer of its own for as long as it lives: read, then write all of it.

use std::env;
use std::io;
use std::process::exit;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// As in Tokio's example.
const BUFFER_BYTES: usize = 4096;

async fn echo(mut client: TcpStream) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let count = client.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        client.write_all(&buffer[..count]).await?;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let port = env::args().nth(1).and_then(|text| text.parse::<u16>().ok());
    let Some(port) = port else {
        eprintln!("usage: tokio-echo PORT");
        exit(2);
    };
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept().await?;
        // A client that goes away ends its own task only.
        tokio::spawn(echo(client));
    }
}
