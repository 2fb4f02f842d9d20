//! The least of HTTP/1.1 that a load generator needs: keep-alive and `Content-Length`.

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// Writes a request without a body.
pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")
}

pub(crate) struct Response<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.context("connecting")?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(8_192),
        })
    }

    /// Sends a request and waits for all of its response.
    pub(crate) async fn exchange(&mut self, request: &str) -> anyhow::Result<Response<'_>> {
        self.buffer.clear();
        self.stream
            .write_all(request.as_bytes())
            .await
            .context("sending")?;
        let head = loop {
            if let Some(head) = Head::parse(&self.buffer)? {
                break head;
            }
            self.receive().await?;
        };
        let end = head.length + head.body_length;
        while self.buffer.len() < end {
            self.receive().await?;
        }
        Ok(Response {
            status: head.status,
            body: &self.buffer[head.length..end],
        })
    }

    async fn receive(&mut self) -> anyhow::Result<()> {
        let count = self
            .stream
            .read_buf(&mut self.buffer)
            .await
            .context("receiving")?;
        anyhow::ensure!(count > 0, "the server closed the connection");
        Ok(())
    }
}

impl Response<'_> {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    length: usize,
    body_length: usize,
}

impl Head {
    /// Returns nothing while the head is incomplete.
    fn parse(received: &[u8]) -> anyhow::Result<Option<Self>> {
        let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = str::from_utf8(&received[..end]).context("the head is not text")?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status: u16 = status
            .and_then(|word| word.parse().ok())
            .context("no status line")?;
        let length = lines.find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse().ok())?
        });
        let body_length = match length {
            Some(length) => length,
            None if status == 204 => 0,
            None => anyhow::bail!("a response {status} without Content-Length"),
        };
        Ok(Some(Self {
            status,
            length: end + 4,
            body_length,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::Head;

    #[test]
    fn a_head_is_read_once_it_is_complete() {
        let head = b"HTTP/1.1 201 Created\r\nContent-Length: 12\r\nx: y\r\n\r\n{";
        assert_eq!(Head::parse(&head[..20]).unwrap(), None);
        let parsed = Head {
            status: 201,
            length: head.len() - 1,
            body_length: 12,
        };
        assert_eq!(Head::parse(head).unwrap(), Some(parsed));
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
