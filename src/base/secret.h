// A string that must not reach a log: no implicit conversion, no stream operator, wiped when it goes.
#pragma once

#include <string>
#include <string_view>

namespace godwit {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept : value_(other.value_) { other.wipe(); }
    Secret& operator=(const Secret& other) {
        if (this != &other) {
            wipe();
            value_ = other.value_;
        }
        return *this;
    }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe();
            value_ = other.value_;
            other.wipe();
        }
        return *this;
    }
    ~Secret() { wipe(); }

    /// The one way to the bytes; grep for it to see who reads secrets.
    std::string_view reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

private:
    void wipe() noexcept;  // a plain memset would be optimised away
    std::string value_;
};

}  // namespace godwit
