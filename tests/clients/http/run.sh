# curl, openssl and h2load: both versions of HTTP with and without TLS, what TLS agrees to, and certificates exchanged under way.
dev_apt curl openssl nghttp2-client
python3 -m unittest -v tests.clients.http.http_test
