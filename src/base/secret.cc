#include "base/secret.h"

#include <cstring>

namespace godwit {

void Secret::wipe() noexcept {
    explicit_bzero(value_.data(), value_.size());
    value_.clear();
}

}  // namespace godwit
