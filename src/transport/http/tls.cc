#include "transport/http/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <climits>

namespace godwit::http {
namespace {

// Lists as the wire has them: each name after its length.
constexpr std::string_view kProtocols = "\x02h2\x08http/1.1";

std::unexpected<Error> unusable(std::string_view what) {
    std::array<char, 256> reason{};
    const auto code = ERR_peek_last_error();
    ERR_error_string_n(code, reason.data(), reason.size());
    ERR_clear_error();
    std::string message = "the TLS certificate cannot be used: " + std::string(what);
    if (code != 0) message += std::string(" (") + reason.data() + ")";
    return fail(Code::failed_precondition, "HTTP-Tls", message);
}

template <class T, void (*Free)(T*)>
struct Freed {
    void operator()(T* object) const { Free(object); }
};
using X509Pointer = std::unique_ptr<X509, Freed<X509, X509_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPointer = std::unique_ptr<BIO, FreeBio>;

BioPointer reader(std::string_view text) { return BioPointer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

/// An encrypted key must fail, not ask a terminal.
int no_password(char*, int, int, void*) { return -1; }

Result<> use_certificate(SSL_CTX* context, const TlsFiles& files) {
    if (files.certificate_pem.size() > INT_MAX || files.key_pem.size() > INT_MAX) return unusable("it is too long");
    const BioPointer chain = reader(files.certificate_pem);
    const X509Pointer leaf(PEM_read_bio_X509(chain.get(), nullptr, no_password, nullptr));
    if (!leaf) return unusable("there is no PEM certificate in it");
    if (SSL_CTX_use_certificate(context, leaf.get()) != 1) return unusable("the certificate is not accepted");
    while (X509* const issuer = PEM_read_bio_X509(chain.get(), nullptr, no_password, nullptr)) {
        if (SSL_CTX_add0_chain_cert(context, issuer) != 1) {
            X509_free(issuer);
            return unusable("a certificate of its chain is not accepted");
        }
    }
    ERR_clear_error();  // the end of the text is an error to the reader
    const KeyPointer key(PEM_read_bio_PrivateKey(reader(files.key_pem).get(), nullptr, no_password, nullptr));
    if (!key) return unusable("there is no unencrypted PEM private key");
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
        return unusable("the private key does not belong to the certificate");
    }
    return {};
}

/// RFC 7301: ours in our order; no overlap ends the handshake.
int select_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in, unsigned in_length, void*) {
    const auto* const ours = reinterpret_cast<const unsigned char*>(kProtocols.data());
    unsigned char* chosen = nullptr;
    const int result = SSL_select_next_proto(&chosen, out_length, ours, static_cast<unsigned>(kProtocols.size()), in, in_length);
    *out = chosen;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::make(const TlsFiles& files) {
    ERR_clear_error();
    SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
    if (!context) return unusable("OpenSSL gives no context");
    const std::shared_ptr<const TlsContext> made(new TlsContext(context));
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // No tickets and no session cache: each handshake has secrets of its own, and no key that opens recorded sessions lies in memory for
    // as long as the process runs. What resumption saves, one signature, connections that are kept save too.
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // an idle connection keeps no 32 KiB of buffers
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384");
    SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
    TRY(use_certificate(context, files));
    return made;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

TlsSession::TlsSession(const TlsContext& context) : session_(SSL_new(context.context_)) {
    if (!session_) {
        status_ = Status::failed;
        return;
    }
    SSL_set_bio(session_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(session_);
}

TlsSession::~TlsSession() { SSL_free(session_); }

TlsSession::Status TlsSession::receive(std::string_view bytes, std::string& plain, std::string& sealed) {
    if (status_ == Status::failed || status_ == Status::ended) return status_;
    ERR_clear_error();
    BIO_write(SSL_get_rbio(session_), bytes.data(), static_cast<int>(bytes.size()));
    int result = 1;
    if (status_ == Status::handshaking) {
        result = SSL_do_handshake(session_);
        if (result == 1) status_ = Status::open;
    }
    std::array<char, 16 << 10> record;
    while (status_ == Status::open) {
        result = SSL_read(session_, record.data(), static_cast<int>(record.size()));
        if (result <= 0) break;
        plain.append(record.data(), static_cast<std::size_t>(result));
    }
    if (result <= 0) {
        const int error = SSL_get_error(session_, result);
        if (error == SSL_ERROR_ZERO_RETURN) {
            status_ = Status::ended;
        } else if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
            status_ = Status::failed;
        }
    }
    take_output(sealed);
    return status_;
}

bool TlsSession::seal(std::string_view plain, std::string& sealed) {
    if (status_ == Status::failed || status_ == Status::handshaking) return false;
    ERR_clear_error();
    while (!plain.empty()) {
        const int written = SSL_write(session_, plain.data(), static_cast<int>(std::min<std::size_t>(plain.size(), 1 << 20)));
        if (written <= 0) {
            status_ = Status::failed;
            return false;
        }
        plain.remove_prefix(static_cast<std::size_t>(written));
    }
    take_output(sealed);
    return true;
}

void TlsSession::close(std::string& sealed) {
    if (status_ == Status::failed || status_ == Status::handshaking) return;
    ERR_clear_error();
    SSL_shutdown(session_);
    take_output(sealed);
}

bool TlsSession::is_http2() const {
    const unsigned char* name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(session_, &name, &length);
    return std::string_view(reinterpret_cast<const char*>(name), length) == "h2";
}

void TlsSession::take_output(std::string& sealed) {
    BIO* const output = SSL_get_wbio(session_);
    char* data = nullptr;
    const long length = BIO_get_mem_data(output, &data);
    if (length <= 0) return;
    sealed.append(data, static_cast<std::size_t>(length));
    BIO_reset(output);
}

}  // namespace godwit::http
