#include "transport/rpc/email_address.h"

#include "base/text.h"

namespace godwit::rpc {
namespace {

constexpr std::size_t kMaxAddress = 254, kMaxLocal = 64, kMaxHost = 253, kMaxLabel = 63;

bool is_atom_character(char c) {
    constexpr std::string_view kSpecials = "!#$%&'*+-/=?^_`{|}~";
    return is_ascii_alpha(c) || is_ascii_digit(c) || static_cast<unsigned char>(c) >= 0x80 || kSpecials.find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view text) {
    for (const auto part : split(text, '.')) {
        if (part.empty()) return false;
        for (const char c : part) {
            if (!is_atom_character(c)) return false;
        }
    }
    return true;
}

bool is_quoted_string(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
    text = text.substr(1, text.size() - 2);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7F || text[i] == '"') return false;
        if (text[i] == '\\' && ++i == text.size()) return false;
    }
    return true;
}

std::optional<std::string> host_fault(std::string_view host) {
    if (host.size() > kMaxHost) return "hostname cannot exceed 253 characters";
    for (const auto label : split(host, '.')) {
        if (label.empty() || label.size() > kMaxLabel) return "hostname part must be non-empty and cannot exceed 63 characters";
        if (label.front() == '-' || label.back() == '-') return "hostname parts cannot begin or end with hyphens";
        for (const char c : label) {
            if (!is_ascii_alpha(c) && !is_ascii_digit(c) && c != '-')
                return "hostname parts can only contain alphanumeric characters or hyphens";
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> email_fault(std::string_view address) {
    if (address.empty()) return "no address";
    const auto at = address.rfind('@');
    if (at == std::string_view::npos) return "missing '@'";
    const auto local = address.substr(0, at);
    if (!is_dot_atom(local) && !is_quoted_string(local)) return "malformed part before '@'";
    if (address.size() > kMaxAddress) return "address cannot exceed 254 characters";
    if (local.size() > kMaxLocal) return "part before '@' cannot exceed 64 characters";
    return host_fault(address.substr(at + 1));
}

}  // namespace godwit::rpc
