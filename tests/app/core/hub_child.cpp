// The other process of the kill test: Sotto's own core without a window. It downloads one file
// until it is whole or it is killed; what an earlier life began goes on by itself.
//
// Usage: hub_child ENDPOINT REPOSITORY PATH HOME. "received N" is told when N bytes are in the
// library.
#include <cstdio>
#include <string>

#include "app/core/app_core.h"
#include "tests/fakes/fake_engine.h"
#include "tests/support/hub/telling_store.h"

using namespace sotto;
using namespace sotto::app;

namespace {

int failWith(const Error& error) {
    std::printf("%s\n", error.message.c_str());
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    test::TellingStore store;
    AppCoreOptions options;
    options.environment = [home = std::string(argv[4])](const char* name) {
        return std::string(name) == "SOTTO_HOME" ? home : std::string();
    };
    options.makeEngine = [](const EngineOptions&,
                            EventSink sink) -> Result<std::unique_ptr<Engine>> {
        return std::make_unique<FakeEngine>(std::move(sink));
    };
    options.chooseHubOptions = [&](storage::Storage&, ModelHubOptions& hub) {
        hub.network.proxy = "";
        hub.hub.endpoint = argv[1];
        hub.downloads.checkpointBytes = 1 << 18;
        store.kept = hub.downloads.store;
        hub.downloads.store = &store;
    };
    auto core = AppCore::create(std::move(options));
    if (!core) return failWith(core.error());
    if ((*core)->storageProblem()) return failWith(*(*core)->storageProblem());
    if ((*core)->modelHub() == nullptr) return failWith(*(*core)->hubProblem());
    ModelHub& hub = *(*core)->modelHub();
    if (hub.downloads().list().empty()) {
        const auto id =
            hub.downloads().add({.repository = argv[2], .path = argv[3], .folder = hub.folder()});
        if (!id) return failWith(id.error());
    }
    hub.downloads().waitUntilIdle();
    return test::tellEnd(hub.downloads().list().at(0).record);
}
