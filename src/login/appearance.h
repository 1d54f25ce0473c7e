// As whose pages the pages appear: an organization's or the instance's name, words, links and colours.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "login/texts.h"
#include "login/theme.h"

namespace godwit::login {

struct Services;

struct Appearance {
    std::string brand;
    Language language;
    /// Label and address for the foot of the page: terms, privacy, help, contact (the privacy policy). Only https, http and mailto.
    std::vector<std::pair<std::string, std::string>> links;
    /// Of a style sheet with its colours (theme.h), beside login: "theme.css?…"; "" where it has none of its own.
    std::string theme = {};
    Scheme scheme = Scheme::either;
};

/// An organization's, or the instance's when the scope names none.
Result<Appearance> find_appearance(const Services& services, const OrgScope& org, const Wishes& wishes);

/// The style sheet that Appearance::theme names.
Result<std::string> find_theme(const Services& services, const OrgScope& org);

}  // namespace godwit::login
