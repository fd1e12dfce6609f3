// Writes a library that holds one of everything that Sotto keeps, and its content as text beside
// it: make_library FOLDER. tests/storage/data says which program wrote the files there; they are
// never written again, since it is yesterday's files that must open. Not a test by itself.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "storage/api/storage.h"
#include "storage/clock.h"
#include "storage/schema/library_schema.h"
#include "tests/storage/library_text.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

constexpr FolderId kWork = 101;
constexpr FolderId kHome = 102;
constexpr FolderId kEmptyFolder = 103;

// As AnswerRunner writes it.
constexpr const char* kStats =
    R"({"prompt_tokens":212,"reused_tokens":128,"seed":"1234567890123456789","stop_reason":"end_of_text",)"
    R"("thinking_s":1.5,"thinking_tokens":20,"tokens":87,"tokens_per_s":23.25,"ttft_ms":412.5})";

// As answers keep it since schema 2; before, they had a sentence in the language of the window.
const Error kFailure{ErrorCode::OutOfMemory,
                     "Not enough memory: 8.0 GiB needed, 3.2 GiB free. Choose a smaller model or a "
                     "shorter context.",
                     "/m/Qwen3-1.7B.gguf", 8'589'934'592, 3'435'973'837};

// As ChatController writes them.
constexpr const char* kChatSettings =
    R"({"sampling":{"maxTokens":512,"seed":42,"temperature":0.3,"topK":20},)"
    R"("systemPrompt":"Answer briefly.","thinking":2})";

// As SettingsController and ChatController write them: every key that the window has.
constexpr const char* kSettings[][2] = {
    {"app.theme", "2"},
    {"app.language", R"("zh_CN")"},
    {"app.textSize", "17"},
    {"app.enterSends", "false"},
    {"app.reducedMotion", "true"},
    {"app.systemPrompt", R"("You are \"helpful\".\nAnswer in one sentence.")"},
    {"app.contextTokens", "16384"},
    {"app.threads", "6"},
    {"app.device", R"("cpu")"},
    {"app.kvType", R"("f32")"},
    {"app.modelFolders", R"(["/data/models","/home/me/模型"])"},
    {"app.lastModel", R"("/data/models/qwen3-1.7b.gguf")"},
    {"app.firstRunDone", "true"},
    {"app.listOpen", "false"},
    {"app.liveOpen", "true"},
    {"app.windowGeometry", "[120,80,1280,800]"},
    {"app.sampling",
     R"({"dryMultiplier":0.8,"frequencyPenalty":0.1,"isThinking":true,"maxTokens":-1,"minP":0.05,)"
     R"("penaltyTokens":64,"presencePenalty":0.2,"repeatPenalty":1.1,"seed":7,"systemPrompt":"x",)"
     R"("temperature":0.7,"topK":40,"topP":0.95,"typicalP":1})"},
    {"chat.newDraft", R"("A first message that was not sent yet,\nwith 两 lines")"},
};

void check(const Status& status) {
    if (status) return;
    std::fprintf(stderr, "%s\n", status.error().message.c_str());
    std::exit(1);
}

template <typename Value>
void check(const Result<Value>& result) {
    check(result.map([](const Value&) {}));
}

void addAnswer(Messages& messages, const NewAnswer& answer, const char* text, const AnswerEnd& end,
               const char* thinking = "") {
    check(messages.beginAnswer(answer));
    check(messages.appendAnswer(answer.id, text, thinking));
    check(messages.finishAnswer(answer.id, end));
}

void addFolders(Folders& folders) {
    check(folders.create("Work", kWork));
    check(folders.create("家 & home", kHome));
    check(folders.create("Nothing in here", kEmptyFolder));
    check(folders.order({kHome, kEmptyFolder, kWork}));
    check(folders.setCollapsed(kWork, true));
}

// An edited question and a regenerated answer below each; the older question is chosen, with the
// newer of its two answers.
void addVersions(Database& db) {
    check(db.chats().create({.id = 201,
                             .folderId = kWork,
                             .title = "Versions of 'one' question",
                             .modelPath = "/data/models/qwen3-1.7b.gguf",
                             .settingsJson = kChatSettings}));
    Messages& messages = db.messages();
    check(messages.add({.id = 301, .chatId = 201, .content = "Why is the sky blue?"}));
    const NewAnswer first{302, 201, 301, "Qwen3 1.7B"};
    addAnswer(messages, first, "Because of **scattering**.\n\n```cpp\nint x = 0;\n```",
              {.statsJson = kStats}, "The user asks about the sky.");
    const NewAnswer second{303, 201, 301, "Demo"};
    addAnswer(messages, second, "A second try: Rayleigh scattering.", {.statsJson = kStats});
    check(messages.edit(301, "Why is the sky blue at noon?", 304));
    const NewAnswer third{305, 201, 304, "Demo"};
    addAnswer(messages, third, "Below the edited question.", {.statsJson = kStats});
    check(messages.setActiveVersion(301));
    check(db.chats().setPinned(201, true));
}

void addEndings(Database& db) {
    check(db.chats().create({.id = 202, .folderId = kHome, .title = "How answers end"}));
    Messages& messages = db.messages();
    check(messages.add({.id = 311, .chatId = 202, .content = "一个问题"}));
    const NewAnswer failed{312, 202, 311, "Qwen3 1.7B"};
    addAnswer(messages, failed, "Text up to the failure",
              {.state = MessageState::Failed, .statsJson = kStats, .failure = kFailure});
    const NewAnswer failedToo{313, 202, 311, "Qwen3 1.7B"};
    addAnswer(messages, failedToo, "",
              {.state = MessageState::Failed, .statsJson = kStats, .failure = kFailure});
    const NewAnswer stopped{314, 202, 311, "Qwen3 1.7B"};
    addAnswer(messages, stopped, "Stopped by the", {.state = MessageState::Stopped}, "Half a th");
    check(messages.add({.id = 315,
                        .chatId = 202,
                        .parentId = 314,
                        .content = std::string(9000, 'l') + " longer than a page"}));
    // Being written when the program ended: its pieces are in a table of their own.
    check(messages.beginAnswer({316, 202, 315, "Demo"}));
    check(messages.appendAnswer(316, "Written up to ", "thinking "));
    check(messages.flushAnswers());
    check(messages.appendAnswer(316, "the end of the program", "too"));
    check(messages.flushAnswers());
    check(db.chats().setDraft(202, "Half a reply"));
}

// Since schema 2.
void addFailures(Database& db) {
    check(db.chats().create({.id = 207, .title = "Failures by code"}));
    check(db.messages().add({.id = 341, .chatId = 207, .content = "Too long a question"}));
    const Error full{ErrorCode::ContextFull, "The prompt has 9000 tokens.",
                     "/data/models/模型.gguf", 9000, 4096};
    addAnswer(db.messages(), {342, 207, 341, "Demo"}, "",
              {.state = MessageState::Failed, .statsJson = kStats, .failure = full});
    check(db.messages().storeAnswer({.id = 343,
                                     .chatId = 207,
                                     .parentId = 341,
                                     .modelName = "Demo",
                                     .content = "Stored as a whole",
                                     .thinking = "thought",
                                     .end = {.statsJson = kStats}}));
}

// Since schema 4: what a rescue found a part of.
void addParts(Database& db, const std::filesystem::path& file) {
    check(db.chats().create({.id = 208, .title = "Parts of messages"}));
    check(db.messages().add({.id = 351, .chatId = 208, .content = "All of a quest"}));
    check(db.messages().add({.id = 352,
                             .chatId = 208,
                             .parentId = 351,
                             .role = MessageRole::Assistant,
                             .content = "The beginning of an"}));
    auto direct = Connection::open({.path = file});
    check(direct.map([](const Connection&) {}));
    check(
        direct->execute("UPDATE messages SET full_bytes = 4000 WHERE id = 351;"
                        "UPDATE messages SET full_bytes = -1 WHERE id = 352"));
}

// Since schema 9.
void addTokens(Database& db) {
    check(db.chats().create({.id = 209, .title = "Answers with their tokens"}));
    check(db.messages().add({.id = 361, .chatId = 209, .content = "And in tokens?"}));
    addAnswer(db.messages(), {362, 209, 361, "Qwen3 1.7B"}, "In seven of them.",
              {.statsJson = kStats,
               .tokens = {{644, 8094, 315, 1105, 13, 151'935, 0}, 0xfedcba9876543210}},
              "Short.");
}

void addOtherChats(Database& db) {
    check(db.chats().create({.id = 203, .title = "Outside of folders, renamed later"}));
    check(db.messages().add({.id = 321, .chatId = 203, .content = "Outside."}));
    check(db.chats().rename(203, "Outside of folders"));
    check(db.chats().setModel(203, "/data/models/demo.gguf"));
    check(db.chats().setDraft(203, "草稿，没有发送"));
    check(db.chats().create({.id = 204, .title = ""}));  // never named, without a message
    check(db.chats().create({.id = 205, .folderId = kWork, .title = "In the bin"}));
    check(db.messages().add({.id = 331, .chatId = 205, .content = "Thrown away."}));
    check(db.chats().moveToBin(205));
    check(db.chats().create({.id = 206, .title = "In the bin, without a folder"}));
    check(db.messages().add({.id = 332, .chatId = 206, .content = "Thrown away too."}));
    check(db.chats().setDraft(206, "unsent in the bin"));
    check(db.chats().moveToBin(206));
}

void addModels(Models& models) {
    check(models.save({.path = "/data/models/qwen3-1.7b.gguf",
                       .name = "Qwen3 1.7B",
                       .sizeBytes = 1'834'426'016,
                       .modifiedAt = 1'760'000'000'000,
                       .addedAt = 1'760'000'100'000,
                       .sha256 = std::string(64, 'a'),
                       .infoJson = R"({"architecture":"qwen3"})",
                       .settingsJson = R"({"temperature":0.6})"}));
    check(models.setFavourite("/data/models/qwen3-1.7b.gguf", true));
    check(models.save({.path = "/data/models/demo.gguf",
                       .name = "Demo",
                       .sizeBytes = 1'000'000,
                       .modifiedAt = 1'750'000'000'000,
                       .addedAt = 1'750'000'100'000}));
    check(models.markUsed("/data/models/demo.gguf"));
}

// Since schema 6.
void addDownloads(Downloads& downloads) {
    DownloadRecord waiting{.id = 1,
                           .position = 2,
                           .endpoint = "https://huggingface.co",
                           .repository = "acme/tiny-GGUF",
                           .revision = "main",
                           .path = "Q4/tiny-00001-of-00002.gguf",
                           .target = "/data/models/acme/模型/tiny-00001-of-00002.gguf",
                           .state = "waiting"};
    check(downloads.save(waiting));
    DownloadRecord full = waiting;
    full.id = 2;
    full.position = 1;
    full.target = "/data/models/full.gguf";
    full.commit = std::string(40, 'c');
    full.sha256 = std::string(64, 'b');
    full.sizeBytes = 5'000'000'000;
    full.keptBytes = 4'294'967'296;
    full.etag = R"("an-etag")";
    full.state = "paused";
    full.problem = Error{ErrorCode::DiskFull, "There is no room for full.gguf.", "full.gguf",
                         800'000'000, 1'000'000};
    check(downloads.save(full));
    full.id = 3;
    full.position = 3;
    full.sha256.clear();
    full.blobSha1 = std::string(40, 'd');
    full.keptBytes = full.sizeBytes;
    full.state = "verified";
    full.problem.reset();
    check(downloads.save(full));
}

void addLedger(Ledger& ledger) {
    const TimeMs now = nowMs();
    const std::vector<LedgerRecord> entries{{.startedAt = now,
                                             .host = "huggingface.co",
                                             .port = 443,
                                             .purpose = "search",
                                             .sentBytes = 412,
                                             .receivedBytes = 31'337,
                                             .httpStatus = 200},
                                            {.startedAt = now + 1,
                                             .host = "cdn.example",
                                             .port = 8443,
                                             .purpose = "download",
                                             .sentBytes = 700,
                                             .receivedBytes = 5'000'000'000,
                                             .httpStatus = 206,
                                             .problem = "The connection to cdn.example broke off."},
                                            {.startedAt = now + 2,
                                             .host = "cdn.example",
                                             .port = 443,
                                             .purpose = "download",
                                             .state = LedgerState::Open}};
    check(ledger.write(entries).map([](const auto&) {}));
}

void addComparisons(Comparisons& comparisons) {
    check(comparisons
              .save({.createdAt = nowMs(),
                     .prompt = "Why is the sky blue?\n天空为什么是蓝色的？",
                     .models = "Qwen3 4B F16, Q4_K_M",
                     .report = "{\"format\": 1, \"columns\": []}"})
              .map([](std::int64_t) {}));
}

std::vector<MessageId> allMessages(const std::filesystem::path& file) {
    std::vector<MessageId> ids;
    auto connection = Connection::open({.path = file, .mode = OpenMode::ReadOnly});
    auto row = connection->prepare("SELECT id FROM messages ORDER BY id");
    while (*row->step()) ids.push_back(row->integer(0));
    return ids;
}

void removeLibrary(const std::filesystem::path& file) {
    std::filesystem::remove(file);
    std::filesystem::remove(file.string() + ".lock");
    std::filesystem::remove(file.string() + ".ledger.lock");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const std::filesystem::path folder = argv[1];
    const int version = libraryMigrations().back().version;
    const std::string name = "library-v" + std::to_string(version);
    const std::filesystem::path target = folder / (name + ".db");
    std::filesystem::path working = target;
    working += ".working";
    {
        auto storage = Storage::open({.path = working});
        check(storage.map([](const auto&) {}));
        check((*storage)->call([&](Database& db) -> Status {
            addFolders(db.folders());
            addVersions(db);
            addEndings(db);
            addOtherChats(db);
            addFailures(db);
            addParts(db, working);
            addTokens(db);
            addModels(db.models());
            addDownloads(db.downloads());
            addLedger(db.ledger());
            addComparisons(db.comparisons());
            for (const auto& [key, json] : kSettings) check(db.settings().set(key, json));
            // While the answer is open, as a kill would leave it.
            auto source = Connection::open({.path = working});
            check(source.map([](const Connection&) {}));
            return backupDatabase(*source, target);
        }));
    }
    removeLibrary(working);
    {
        // A backup is one file; the program's own are in WAL mode.
        auto connection = Connection::open({.path = target});
        check(connection->execute("PRAGMA journal_mode=WAL"));
    }
    std::filesystem::copy_file(target, working);
    {
        auto storage = Storage::open({.path = working});
        check(storage.map([](const auto&) {}));
        check((*storage)->call([&](Database& db) -> Status {
            std::ofstream text(folder / (name + ".txt"), std::ios::binary);
            text << libraryText(db, allMessages(working));
            return {};
        }));
    }
    removeLibrary(working);
    return 0;
}
