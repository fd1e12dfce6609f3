// The start: the core is opened until the database can be, as a person chooses.
//
// Main thread, before there is a window.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "app/core/app_core.h"
#include "app/start/rescue_controller.h"

namespace sotto::app {

// Options anew for each attempt; databaseName and isForAPerson are set by openCore.
using MakeCoreOptions = std::function<AppCoreOptions()>;
// Shows why `database` could not be opened and returns what was chosen.
using AskAPerson = std::function<RescueController::Outcome(const Error& error,
                                                           const std::filesystem::path& database)>;

// Null without an error: the person left. `ask` empty: nobody is there, and where the database
// cannot be opened the core goes on in memory. Errors: as AppCore::create.
Result<std::unique_ptr<AppCore>> openCore(const std::filesystem::path& database,
                                          const MakeCoreOptions& makeOptions,
                                          const AskAPerson& ask);

}  // namespace sotto::app
