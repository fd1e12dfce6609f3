#include "app/start/start_loop.h"

#include <string>
#include <utility>

namespace sotto::app {

Result<std::unique_ptr<AppCore>> openCore(const std::filesystem::path& database,
                                          const MakeCoreOptions& makeOptions,
                                          const AskAPerson& ask) {
    std::filesystem::path file = database;
    while (true) {
        AppCoreOptions options = makeOptions();
        if (file != database) options.databaseName = file.filename().string();
        if (ask)
            options.isForAPerson = [](const Error& error) {
                return RescueController::isFor(error.code);
            };
        auto core = AppCore::create(std::move(options));
        if (core || !ask || !RescueController::isFor(core.error().code)) return core;
        switch (ask(core.error(), file)) {
            case RescueController::Quit: return nullptr;
            case RescueController::OpenAgain: break;
            case RescueController::OpenBeside:
                file.replace_filename("beside-" + file.filename().string());
        }
    }
}

}  // namespace sotto::app
