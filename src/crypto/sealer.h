// Secrets in tables. The master key wraps data keys and does nothing else; a data key seals values; a sealed value is bound to
// its place, so that it does not open in another row, column, table or instance (docs/data-model.md, envelope encryption).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"

namespace godwit::crypto {

/// Numbers the data keys of an instance; part of every sealed value.
struct KeyNo {
    std::uint32_t value = 0;
    friend constexpr auto operator<=>(const KeyNo&, const KeyNo&) = default;
};

struct DataKey {
    KeyNo no;
    Secret key;  ///< 32 random bytes
};

/// The operator's key. Immutable; any thread.
class MasterKey {
public:
    /// InvalidArgument unless it is exactly 32 bytes.
    static Result<MasterKey> from_bytes(const Secret& bytes);

    /// A value to keep in the store (16 hex digits). It tells whether two master keys are the same and nothing about them.
    std::string check_value() const;

    /// A new data key for the instance (InstanceNo 0: the system).
    static DataKey make_data_key(KeyNo no);
    /// What stands in data_keys.wrapped.
    std::string wrap(InstanceNo instance, const DataKey& key) const;
    /// FailedPrecondition when the bytes were wrapped by another master key, for another instance or number, or are damaged.
    Result<DataKey> unwrap(InstanceNo instance, KeyNo no, std::string_view wrapped) const;

private:
    explicit MasterKey(Secret wrapping, std::string check) : wrapping_key_(std::move(wrapping)), check_value_(std::move(check)) {}
    Secret wrapping_key_;  ///< derived, so that the bytes the operator gave are not kept
    std::string check_value_;
};

/// Where a sealed value stands. A value opens only with the same place it was sealed for.
struct Place {
    Place(std::string_view table_, std::int64_t row_, std::string_view column_)
        : table(table_), row(std::to_string(row_)), column(column_) {}
    Place(std::string_view table_, std::string_view row_, std::string_view column_) : table(table_), row(row_), column(column_) {}

    std::string_view table;
    std::string row;  ///< the rest of the primary key after the instance, parts joined by '/'
    std::string_view column;
};

/// Seals and opens values of one instance. Immutable: a rotation makes a new one. Any thread.
class Sealer {
public:
    /// `keys`: all data keys of the instance that may still have sealed something; new values are sealed with `active`, which
    /// must be among them (aborts otherwise).
    Sealer(InstanceNo instance, std::vector<DataKey> keys, KeyNo active);

    /// key_no (4 bytes, big-endian) ‖ nonce (24) ‖ ciphertext ‖ tag (16): 44 bytes more than the plaintext.
    std::string seal(const Place& place, std::string_view plaintext) const;
    std::string seal(const Place& place, const Secret& plaintext) const { return seal(place, plaintext.reveal()); }
    /// DataLoss when it was sealed for another place or instance, by a key that is gone, or is damaged.
    Result<Secret> open(const Place& place, std::string_view sealed) const;

    /// A key for another use (cookies, look-up HMACs), kept apart by its label. The active data key's by default; what was made
    /// with an earlier one needs that one's number.
    Secret subkey(std::string_view label, std::size_t size = 32) const { return *subkey_of(active_, label, size); }
    Result<Secret> subkey_of(KeyNo no, std::string_view label, std::size_t size = 32) const;

    KeyNo active() const { return active_; }
    /// Every key number, the active one first, then the others from new to old.
    std::vector<KeyNo> key_numbers() const;

private:
    struct Keys {
        Secret seal;
        Secret derive;
    };
    std::string additional_data(KeyNo no, const Place& place) const;

    InstanceNo instance_;
    std::map<KeyNo, Keys> keys_;
    KeyNo active_;
};

}  // namespace godwit::crypto
