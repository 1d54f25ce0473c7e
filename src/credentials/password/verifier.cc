#include "credentials/password/verifier.h"

#include <algorithm>
#include <limits>

#include "credentials/password/peppered.h"
#include "credentials/password/schemes.h"

namespace godwit::password {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

// A declaration may call a recognised value by its scheme ("django"), its algorithm ("pbkdf2-sha256"), or the family of that.
bool agrees(const Scheme& scheme, const Recipe& recipe, std::string_view declared, std::string_view encoded) {
    const std::string name = normalised_name(declared);
    const std::string algorithm = normalised_name(recipe.algorithm());
    const std::string scheme_name = normalised_name(scheme.name());
    return name == algorithm || name == scheme_name || name == scheme_name + algorithm ||
           ((name == "argon2" || name == "pbkdf2") && algorithm.starts_with(name)) || scheme.also_called(name, encoded);
}

std::unexpected<Error> not_recognised(std::string_view value) {
    const auto possible = possible_declarations(value);
    if (possible.empty()) return refused("the value is not recognised");
    return refused("the value is ambiguous; declare its algorithm, e.g. " + joined(possible));
}

// No limit at all: to describe what a limit refuses.
CostLimits unlimited() {
    constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
    return {.bcrypt_cost = kMost,
            .argon2_memory_kib = kMost,
            .argon2_work_kib = kMost,
            .argon2_lanes = kMost,
            .scrypt_memory_bytes = kMost,
            .scrypt_work_bytes = kMost,
            .pbkdf2_iterations = kMost,
            .crypt_rounds = kMost,
            .digest_rounds = kMost,
            .salt_bytes = kMaxEncodedBytes,
            .digest_bytes = kMaxEncodedBytes};
}

}  // namespace

Result<Verifier> Verifier::make(Options options, HashMemory& memory, const SecretKeeper* secrets) {
    for (std::string& name : options.forbidden) {
        name = normalised_name(name);
        const bool known = is_declared_algorithm(name) ||
                           std::ranges::any_of(all_schemes(), [&](const auto& s) { return normalised_name(s->name()) == name; });
        if (!known) return fail(Code::invalid_argument, "PASSWORD-Fb0dn", "A forbidden password scheme is unknown: " + name);
    }
    return Verifier(std::move(options), memory, secrets);
}

Result<Cost> Verifier::admit(const Scheme& scheme, const Recipe& recipe) const {
    const std::string algorithm = normalised_name(recipe.algorithm());
    const std::string name = normalised_name(scheme.name());
    for (const std::string& forbidden : options_.forbidden) {
        if (forbidden == name || forbidden == algorithm || (forbidden == "pbkdf2" && algorithm.starts_with("pbkdf2"))) {
            return refused("the operator of this system does not allow " + recipe.algorithm());
        }
    }
    Cost cost = TRY(recipe.cost(options_.limits));
    if (cost.memory_bytes > memory_->usage().budget_bytes) return refused("it needs more memory than all hashing here may use");
    return cost;
}

Result<Accepted> Verifier::accept(std::string_view value, const Declaration& declaration) const {
    if (value.size() > kMaxEncodedBytes) return refused("longer than 4096 bytes");
    if (means_no_password(value)) return Accepted{};
    Declaration rest = declaration;
    const PepperChoice pepper = TRY(take_pepper(rest, secrets_));

    std::string encoded(value);
    const Scheme* scheme = recognise(value);
    RecipePtr recipe;
    if (scheme != nullptr) {
        recipe = TRY(scheme->parse(value));
        if (!rest.algorithm.empty() && !agrees(*scheme, *recipe, rest.algorithm, value)) {
            return refused("declared as '" + rest.algorithm.substr(0, 100) + "', but the value is " + recipe->algorithm() + " (" +
                           std::string(scheme->name()) + ")");
        }
        if (!rest.parameters.empty())
            return refused("the value carries its own parameters; '" + rest.parameters.begin()->first + "' has no meaning here");
    } else {
        if (rest.algorithm.empty()) return not_recognised(value);
        encoded = TRY(encode_declared(value, rest, secrets_));
        scheme = recognise(encoded);
        if (scheme == nullptr) return refused("the declared parts do not make a hash");
        recipe = TRY(scheme->parse(encoded));
    }
    Cost cost = TRY(admit(*scheme, *recipe));
    std::string kept = TRY(scheme->protect(encoded, secrets_));
    if (!pepper.token.empty()) kept = encode_peppered(pepper.suffix, pepper.token, kept);
    if (kept != encoded) {  // what verify() will read
        scheme = recognise(kept);
        if (scheme == nullptr) return refused("longer than 4096 bytes");
        cost = TRY(admit(*scheme, *TRY(scheme->parse(kept))));
    }
    return Accepted{.encoded = std::move(kept), .scheme = scheme->name(), .cost = std::move(cost)};
}

Result<bool> Verifier::verify(std::string_view password, std::string_view encoded, Deadline deadline) const {
    if (password.empty() || password.size() > kMaxCandidateBytes || password.find('\0') != std::string_view::npos) return false;
    const Scheme* const scheme = recognise(encoded);
    if (scheme == nullptr) return refused("the stored hash is not recognised");
    const Cost cost = TRY(admit(*scheme, *TRY(scheme->parse(encoded))));
    auto memory = TRY(memory_->reserve(cost.memory_bytes, deadline));
    Work work{.memory = memory, .secrets = secrets_};
    return scheme->verify(password, encoded, work);
}

Description Verifier::describe(std::string_view value, const Declaration& declaration) const {
    Description out;
    const Scheme* scheme = recognise(value);
    out.recognised = scheme != nullptr;
    const auto accepted = accept(value, declaration);
    if (accepted) {
        out.accepted = true;
        out.no_password = accepted->no_password();
        if (out.no_password) return out;
        scheme = recognise(accepted->encoded);
        value = accepted->encoded;
    } else {
        out.reason = accepted.error().message;
        if (!out.recognised) out.possible_algorithms = possible_declarations(value);
    }
    if (scheme == nullptr) return out;
    out.scheme = scheme->name();
    if (const auto recipe = scheme->parse(value)) {
        out.algorithm = (*recipe)->algorithm();
        if (auto cost = (*recipe)->cost(unlimited())) out.cost = std::move(*cost);
    }
    return out;
}

}  // namespace godwit::password
