#include "app/cli/overflow.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

#include "app/cli/output.h"

namespace sotto::cli {
namespace {

Result<app::TurnDrop> grow(EngineSession& session, const RoomWish& wish, const app::TurnRoom& room,
                           std::int64_t promptTokens) {
    const ModelInfo& model = session.model();
    const std::int64_t tokens = app::grownContext(room, promptTokens, model.trainedContext);
    if (tokens == 0) {
        // What fits is sent all the same: the answer ends where the context does.
        if (promptTokens < room.contextTokens) return app::TurnDrop{};
        return fail(ErrorCode::ContextFull,
                    fmt::format("The prompt of {} tokens does not fit the context of {}, and the "
                                "model was made for no more than {}; --overflow drop leaves the "
                                "oldest turns out.",
                                promptTokens, room.contextTokens, model.trainedContext));
    }
    LoadOptions load = wish.load;
    load.contextTokens = tokens;
    const Status grown = session.reload(load);
    // The model is as it was: what fits is sent all the same.
    if (!grown && grown.error().code != ErrorCode::Cancelled && promptTokens < room.contextTokens) {
        printWarning(grown.error().message);
        return app::TurnDrop{};
    }
    SOTTO_TRY(grown);
    printWarning(fmt::format("the model was loaded again with a context of {} tokens instead of {}",
                             session.model().contextTokens, room.contextTokens));
    return app::TurnDrop{};
}

Result<app::TurnDrop> drop(const EngineSession& session, const app::TurnRoom& room,
                           GenerationRequest& request) {
    auto* const chat = std::get_if<ChatPrompt>(&request.prompt);
    if (chat == nullptr)
        return fail(ErrorCode::ContextFull,
                    fmt::format("The prompt does not fit the context of {} tokens, and a prompt "
                                "without a chat template has no turns that could be dropped; "
                                "shorten it, or use --overflow grow.",
                                room.contextTokens));
    SOTTO_ASSIGN(const app::TurnDrop drop,
                 app::dropTurns(*chat, room, [&session](const ChatPrompt& sent) {
                     return session.describe(sent);
                 }));
    if (!drop.isNone()) *chat = app::withoutTurns(std::move(*chat), drop.firstSent);
    return drop;
}

}  // namespace

Result<app::TurnDrop> makeRoom(EngineSession& session, const RoomWish& wish,
                               GenerationRequest& request) {
    const bool isWanted =
        wish.choice == OverflowChoice::Grow || wish.choice == OverflowChoice::Drop;
    if (!isWanted) return app::TurnDrop{};
    SOTTO_ASSIGN(const std::int64_t promptTokens, session.countTokens(request.prompt));
    const app::TurnRoom room =
        app::roomOf(session.model().contextTokens, wish.longestAnswer, request.maxTokens);
    if (!room.isOutgrownBy(promptTokens)) return app::TurnDrop{};
    if (wish.choice == OverflowChoice::Grow) return grow(session, wish, room, promptTokens);
    const bool isChat = std::holds_alternative<ChatPrompt>(request.prompt);
    if (!isChat && promptTokens < room.contextTokens) return app::TurnDrop{};
    return drop(session, room, request);
}

void tellDropped(const app::TurnDrop& drop, std::size_t nBefore) {
    if (drop.isNone()) return;
    const std::size_t last = nBefore + drop.nMessages;
    printWarning(last == 1 ? fmt::format("message 1 is not sent any more, {} tokens", drop.nDropped)
                           : fmt::format("messages 1 to {} are not sent any more, {} tokens{}",
                                         last, drop.nDropped, nBefore > 0 ? " of them now" : ""));
}

void tellForgotten(const RequestStats& stats) {
    const std::int64_t nTokens = stats.leftOutTokens + stats.slidTokens;
    if (nTokens > 0 && !isOutputBroken())
        printWarning(
            fmt::format("{} tokens between the beginning and the newest are forgotten", nTokens));
}

}  // namespace sotto::cli
