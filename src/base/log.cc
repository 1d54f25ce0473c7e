#include "base/log.h"

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <memory>
#include <mutex>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "base/time.h"

namespace godwit::log {
namespace {

class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit FunctionSink(std::function<void(Level, std::string_view)> function) : function_(std::move(function)) {}

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        Level level = Level::debug;
        if (message.level >= spdlog::level::err) {
            level = Level::error;
        } else if (message.level >= spdlog::level::warn) {
            level = Level::warn;
        } else if (message.level >= spdlog::level::info) {
            level = Level::info;
        }
        function_(level, {message.payload.data(), message.payload.size()});
    }
    void flush_() override {}

    std::function<void(Level, std::string_view)> function_;
};

std::unique_ptr<spdlog::logger> make_logger(spdlog::sink_ptr sink, spdlog::level::level_enum least) {
    auto logger = std::make_unique<spdlog::logger>("godwit", std::move(sink));
    logger->set_pattern("%v");  // the line is made here, whole
    logger->set_level(least);
    logger->flush_on(spdlog::level::warn);
    return logger;
}

/// The process's one log. It lives for ever, so that threads may log while the program ends.
class State {
public:
    State() { use(std::make_shared<spdlog::sinks::stderr_sink_mt>(), spdlog::level::info); }

    spdlog::logger& logger() { return *logger_.load(std::memory_order_acquire); }

    /// The loggers before stay: a thread may be writing to one.
    void use(spdlog::sink_ptr sink, spdlog::level::level_enum least) {
        const std::scoped_lock lock(change_);
        all_.push_back(make_logger(std::move(sink), least));
        logger_.store(all_.back().get(), std::memory_order_release);
    }

    std::atomic<Format> format = Format::text;

private:
    std::mutex change_;
    std::vector<std::unique_ptr<spdlog::logger>> all_;
    std::atomic<spdlog::logger*> logger_ = nullptr;
};

State& state() {
    static auto* const instance = new State;
    return *instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
    constexpr std::array kLevels = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
    return kLevels.at(static_cast<std::size_t>(level));
}

std::string_view name_of(Level level) {
    constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warn", "error"};
    return kNames.at(static_cast<std::size_t>(level));
}

template <class Number>
void append_number(std::string& out, Number value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

void append_value(std::string& out, const Field& field, bool quote_always) {
    std::visit(
        [&](auto value) {
            using T = decltype(value);
            if constexpr (std::is_same_v<T, bool>) {
                out += value ? "true" : "false";
            } else if constexpr (std::is_same_v<T, std::string_view>) {
                // A line break in a value must not look like another line of the log.
                const bool plain = !value.empty() && std::ranges::all_of(value, [](char c) {
                    return c > 0x20 && c < 0x7f && c != '"' && c != '=' && c != '\\';
                });
                if (quote_always || !plain) {
                    append_json_string(out, value);
                } else {
                    out += value;
                }
            } else if constexpr (std::is_same_v<T, double>) {
                const bool json_has_it = value == value && value - value == 0;
                if (json_has_it) {
                    append_number(out, value);
                } else {
                    out += "null";
                }
            } else {
                append_number(out, value);
            }
        },
        field.value);
}

std::string text_line(Level level, std::string_view message, Fields fields) {
    std::string line = to_rfc3339(SystemClock().now());
    line += " ";
    line += to_ascii_upper(name_of(level));
    line += " ";
    for (const char c : message) line.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
    for (const Field& field : fields) {
        line += " ";
        line += field.key;
        line += "=";
        append_value(line, field, false);
    }
    return line;
}

std::string json_line(Level level, std::string_view message, Fields fields) {
    std::string line = R"({"time":)";
    append_json_string(line, to_rfc3339(SystemClock().now()));
    line += R"(,"level":)";
    append_json_string(line, name_of(level));
    line += R"(,"msg":)";
    append_json_string(line, message);
    for (const Field& field : fields) {
        line += ",";
        append_json_string(line, field.key);
        line += ":";
        append_value(line, field, true);
    }
    return line + "}";
}

}  // namespace

void configure(Level least, Format format) {
    state().format = format;
    state().logger().set_level(to_spdlog(least));
}

void set_sink(std::function<void(Level, std::string_view)> sink) {
    spdlog::sink_ptr target;
    if (sink) {
        target = std::make_shared<FunctionSink>(std::move(sink));
    } else {
        target = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }
    state().use(std::move(target), state().logger().level());
}

bool enabled(Level level) { return state().logger().should_log(to_spdlog(level)); }

void write(Level level, std::string_view message, Fields fields) {
    spdlog::logger& logger = state().logger();
    if (!logger.should_log(to_spdlog(level))) return;
    const std::string line = state().format == Format::json ? json_line(level, message, fields) : text_line(level, message, fields);
    logger.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace godwit::log
