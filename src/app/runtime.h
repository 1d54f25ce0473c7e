// The one place that names concrete things: opens the store, builds every room on it, and answers requests.
#pragma once

#include <memory>

#include "app/config/config.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/sealer.h"

namespace godwit::app {

class Runtime {
public:
    /// Opens the store of the configuration, upgrades its schema, checks the master key and, on an empty database, makes what the
    /// configuration's FirstInstance asks for. Errors say what to do.
    static Result<std::unique_ptr<Runtime>> open(config::Config config, const crypto::MasterKey& master_key);
    ~Runtime();

    /// What first start made, for the operator's eyes; empty on a database that had an instance.
    const std::string& greeting() const;

    /// Answers requests until `stop` is called (from a signal handler's thread), then drains.
    Result<void> serve();
    /// Any thread, any number of times.
    void stop();
    /// Reads the TLS files again, now; while serving they are read every few seconds anyway. Any thread.
    void reload();

private:
    struct Impl;
    explicit Runtime(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::app
