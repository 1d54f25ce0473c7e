#include "app/certificate.h"

#include <string>

#include "base/encoding.h"
#include "base/files.h"
#include "base/log.h"

namespace godwit::app {
namespace {

Result<std::string> read_file(const std::string& path) {
    auto text = read_small_file(path);
    if (!text) return fail(Code::failed_precondition, "APP-Tls01", text.error().message);
    return text;
}

/// A PEM file by its path, or given as base64 in the configuration itself.
Result<std::string> pem(const std::string& path, std::string_view base64, std::string_view what) {
    if (!path.empty()) return read_file(path);
    const auto decoded = base64_decode(base64, Base64::standard);
    if (!decoded || decoded->empty()) return fail(Code::failed_precondition, "APP-Tls02", "TLS needs a " + std::string(what));
    return *decoded;
}

}  // namespace

Result<std::optional<http::TlsFiles>> read_tls_files(const config::Tls& tls) {
    if (!tls.enabled) return std::nullopt;
    return http::TlsFiles{.certificate_pem = TRY(pem(tls.cert_path, tls.cert, "certificate: TLS.CertPath or TLS.Cert")),
                          .key_pem = TRY(pem(tls.key_path, tls.key.reveal(), "private key: TLS.KeyPath or TLS.Key"))};
}

CertificateWatch::CertificateWatch(Read read, Use use, std::optional<http::TlsFiles> in_use)
    : read_(std::move(read)), use_(std::move(use)), taken_(essence(std::move(in_use))), seen_(taken_) {}

CertificateWatch::~CertificateWatch() {
    {
        const std::scoped_lock lock(mutex_);
        stop_ = true;
    }
    stopped_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void CertificateWatch::start(std::chrono::milliseconds interval) {
    thread_ = std::thread([this, interval] {
        for (;;) {
            {
                std::unique_lock lock(mutex_);
                if (stopped_.wait_for(lock, interval, [this] { return stop_; })) return;
            }
            look();
        }
    });
}

std::string CertificateWatch::essence(const Result<std::optional<http::TlsFiles>>& files) {
    if (!files) return "unreadable: " + files.error().message;
    return *files ? (*files)->certificate_pem + '\0' + (*files)->key_pem : "";
}

CertificateWatch::Outcome CertificateWatch::look() {
    const std::scoped_lock lock(mutex_);
    const auto files = read_();
    auto now = essence(files);
    const bool settled = now == seen_;
    seen_ = std::move(now);
    if (seen_ == taken_) return Outcome::unchanged;
    return settled ? take(files) : Outcome::settling;
}

CertificateWatch::Outcome CertificateWatch::reload() {
    const std::scoped_lock lock(mutex_);
    const auto files = read_();
    seen_ = essence(files);
    return take(files);
}

CertificateWatch::Outcome CertificateWatch::take(const Result<std::optional<http::TlsFiles>>& files) {
    taken_ = seen_;
    if (files && !*files) return Outcome::unchanged;
    const auto used = files ? use_(**files) : Result<>(fail(files.error()));
    if (!used) {
        log::error("the TLS certificate was not exchanged; the old one stays in use", {{"reason", used.error().message}});
        return Outcome::refused;
    }
    log::info("the TLS certificate was exchanged; open connections keep the old one");
    return Outcome::exchanged;
}

}  // namespace godwit::app
