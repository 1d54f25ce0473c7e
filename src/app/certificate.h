// The server's TLS certificate: from the files the configuration names to the server, and again whenever they change.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "app/config/config.h"
#include "base/result.h"
#include "transport/http/server.h"

namespace godwit::app {

/// Certificate and key as the configuration has them, by path or by value; nullopt when the server speaks no TLS.
/// Failed_precondition: a file cannot be read, or nothing is configured.
Result<std::optional<http::TlsFiles>> read_tls_files(const config::Tls& tls);

/// Hands new certificates to the server. They are found by reading the files again and again: that sees every way of exchanging
/// them (written over, renamed, the links of a mounted secret), and two small files every few seconds cost nothing.
class CertificateWatch {
public:
    using Read = std::function<Result<std::optional<http::TlsFiles>>()>;
    using Use = std::function<Result<>(const http::TlsFiles&)>;

    /// `in_use` is what the server began with.
    CertificateWatch(Read read, Use use, std::optional<http::TlsFiles> in_use);
    ~CertificateWatch();
    CertificateWatch(const CertificateWatch&) = delete;
    CertificateWatch& operator=(const CertificateWatch&) = delete;

    /// Looks every `interval` from now on.
    void start(std::chrono::milliseconds interval);

    enum class Outcome {
        unchanged,
        settling,   ///< changed since the last look: half of a pair may be written yet
        exchanged,  ///< new connections get it
        refused,    ///< it cannot be used; the old one stays, the log says why
    };
    /// One look. What was refused is not tried again until it changes.
    Outcome look();
    /// Takes what is there now, changed or not (SIGHUP).
    Outcome reload();

private:
    Outcome take(const Result<std::optional<http::TlsFiles>>& files);
    /// What a look found, to be compared: the texts, or the reason why there are none.
    static std::string essence(const Result<std::optional<http::TlsFiles>>& files);

    const Read read_;
    const Use use_;
    std::mutex mutex_;
    std::string taken_;  ///< what was last handed over or refused
    std::string seen_;   ///< at the last look
    bool stop_ = false;
    std::condition_variable stopped_;
    std::thread thread_;
};

}  // namespace godwit::app
