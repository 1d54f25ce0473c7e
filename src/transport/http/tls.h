// TLS between bytes of a connection and bytes of a protocol: no socket, so that one kind of connection carries both.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "transport/http/server.h"

struct ssl_st;
struct ssl_ctx_st;

namespace godwit::http {

/// A certificate with its key, and what is spoken with it: TLS 1.2 and 1.3, forward secret AEAD ciphers, ALPN h2 and http/1.1;
/// no resumption, compression or renegotiation.
class TlsContext {
public:
    /// Failed_precondition: not PEM, an encrypted key, a key that does not belong to the certificate.
    static Result<std::shared_ptr<const TlsContext>> make(const TlsFiles& files);
    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

private:
    friend class TlsSession;
    explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
    ssl_ctx_st* context_;
};

/// The server's side of one connection.
class TlsSession {
public:
    explicit TlsSession(const TlsContext& context);
    ~TlsSession();
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    enum class Status { handshaking, open, ended, failed };
    /// Takes what came from the network; appends what it means to `plain`, and what is to be sent because of it to `sealed`.
    Status receive(std::string_view bytes, std::string& plain, std::string& sealed);
    /// Appends `plain`, encrypted, to `sealed`. False when the session is broken.
    bool seal(std::string_view plain, std::string& sealed);
    /// Says that nothing follows.
    void close(std::string& sealed);
    /// True when the client chose HTTP/2.
    bool is_http2() const;

private:
    void take_output(std::string& sealed);

    ssl_st* session_;
    Status status_ = Status::handshaking;
};

}  // namespace godwit::http
