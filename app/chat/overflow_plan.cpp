#include "app/chat/overflow_plan.h"

#include <utility>

namespace sotto::app {
namespace {

// A file whose context was wished for and does not fit is planned with the longest that does: it
// is worth growing to where the prompt and an answer find their place in it.
GrowthPlan planGrowth(const OverflowQuestion& question, std::int64_t promptTokens) {
    GrowthPlan growth;
    const std::int64_t wanted = grownContext(question.room, promptTokens, question.trainedContext);
    if (wanted == 0) return growth;
    ForecastSetting setting = *question.growth;
    setting.load.contextTokens = wanted;
    setting.load.isContextFitted = false;
    setting.devices = chooseDevices(setting.load.device, question.machine.listDevices());
    setting.point.depth = promptTokens;
    Result<PlannedModel> plan = question.machine.planModel(setting.load, setting.space());
    if (!plan) {
        growth.refusal = plan.error();
        return growth;
    }
    growth.forecast = forecastOf(std::move(*plan), setting);
    const PlannedModel& planned = growth.forecast->plan;
    const std::int64_t tokens = planned.isShortened ? planned.info.contextTokens : wanted;
    const bool isLongEnough = tokens > question.room.contextTokens &&
                              promptTokens + leastAnswerRoom(question.room.contextTokens) <= tokens;
    if (planned.shortage || !isLongEnough) {
        growth.refusal = planned.shortage.value_or(
            Error{ErrorCode::OutOfMemory, "There is no memory for a longer context.", {}});
        return growth;
    }
    growth.contextTokens = tokens;
    growth.load = setting.load;
    growth.load.contextTokens = tokens;
    growth.load.isContextFitted = planned.isShortened;
    growth.speedNow = {growth.forecast->speed, growth.forecast->basis};
    ForecastPoint full = setting.point;
    full.depth = tokens;
    growth.speedFull = speedOf(planned.info, setting.rates, full);
    return growth;
}

}  // namespace

Result<OverflowPlan> planOverflow(const OverflowQuestion& question,
                                  const std::atomic<bool>& isCancelled) {
    const auto describe = [&](const ChatPrompt& chat) -> Result<PromptDescription> {
        if (isCancelled) return fail(ErrorCode::Cancelled, "Stopped.");
        return question.engine->describePrompt(chat);
    };
    OverflowPlan made;
    SOTTO_ASSIGN(const PromptDescription prompt, describe(question.chat));
    for (const SentMessage& message : sentMessages(question.chat, prompt)) {
        made.promptTokens += message.nTokens;
        if (message.role == Role::System) made.systemTokens += message.nTokens;
    }
    made.isOutgrown = question.room.isOutgrownBy(made.promptTokens);
    if (!made.isOutgrown) return made;
    made.drop = dropTurns(question.chat, question.room, describe);
    if (isCancelled) return fail(ErrorCode::Cancelled, "Stopped.");
    if (question.growth) made.growth = planGrowth(question, made.promptTokens);
    return made;
}

}  // namespace sotto::app
