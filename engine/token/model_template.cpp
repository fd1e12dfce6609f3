// chooseTemplate: a model's own chat template, tried with what is sent, or ChatML in its place.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/api/chat_template.h"

namespace sotto {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kProbeSystem = "Qzsystem";  // found again in what is rendered
constexpr const char* kProbeUser = "Hi";

bool isSystem(const Json& message) {
    return message.is_object() && message.value("role", Json()) == "system";
}

// Of a message's content: a text, or parts of which some are texts.
std::string textOf(const Json& content) {
    if (content.is_string()) return content.get<std::string>();
    std::string text;
    if (!content.is_array()) return text;
    for (const Json& part : content) {
        const bool isText = part.is_object() && part.value("text", Json()).is_string();
        if (isText) text += part["text"].get<std::string>();
    }
    return text;
}

void putInFront(const std::string& text, Json& question) {
    Json& content = question["content"];
    if (content.is_array()) {
        content.insert(content.begin(), Json{{"type", "text"}, {"text", text + "\n\n"}});
    } else {
        content = text + "\n\n" + textOf(content);
    }
}

// Each system message goes in front of the question behind it, with an empty line between; one
// without a question becomes one.
Json withoutSystem(const Json& messages) {
    Json kept = Json::array();
    std::string waiting;
    for (const Json& message : messages) {
        if (isSystem(message)) {
            const std::string text = textOf(message.value("content", Json()));
            if (!text.empty()) waiting += (waiting.empty() ? "" : "\n\n") + text;
            continue;
        }
        kept.push_back(message);
        const bool isQuestion = message.is_object() && message.value("role", Json()) == "user";
        if (isQuestion && !waiting.empty()) putInFront(std::exchange(waiting, {}), kept.back());
    }
    if (!waiting.empty()) kept.push_back({{"role", "user"}, {"content", waiting}});
    return kept;
}

bool hasSystem(const Json& context) {
    if (!context.is_object() || !context.contains("messages")) return false;
    const Json& messages = context["messages"];
    return messages.is_array() && std::any_of(messages.begin(), messages.end(), isSystem);
}

class FoldingTemplate final : public ChatTemplate {
public:
    explicit FoldingTemplate(std::unique_ptr<ChatTemplate> source) : m_source(std::move(source)) {}

    Result<RenderedText> render(std::string_view contextJson, std::int64_t nowUtc) const override {
        Json context = Json::parse(contextJson, nullptr, false);
        if (!hasSystem(context)) return m_source->render(contextJson, nowUtc);
        context["messages"] = withoutSystem(context["messages"]);
        return m_source->render(context.dump(-1, ' ', false, Json::error_handler_t::replace),
                                nowUtc);
    }

private:
    std::unique_ptr<ChatTemplate> m_source;
};

class DemandingTemplate final : public ChatTemplate {
public:
    explicit DemandingTemplate(std::unique_ptr<ChatTemplate> source)
        : m_source(std::move(source)) {}

    Result<RenderedText> render(std::string_view contextJson, std::int64_t nowUtc) const override {
        auto rendered = m_source->render(contextJson, nowUtc);
        const bool isRefused = !rendered && rendered.error().code == ErrorCode::BadTemplate;
        if (!isRefused || hasSystemMessage(contextJson)) return rendered;
        return fail(ErrorCode::BadTemplate,
                    "This model's chat template demands a system message; write one and ask again.",
                    rendered.error().message);
    }

private:
    std::unique_ptr<ChatTemplate> m_source;
};

struct Trial {
    Result<RenderedText> alone;
    Result<RenderedText> withSystem;
};

Trial tryTemplate(const ChatTemplate& source, const TemplateTokens& tokens) {
    const Json system{{"role", "system"}, {"content", kProbeSystem}};
    const Json user{{"role", "user"}, {"content", kProbeUser}};
    Json context{{"add_generation_prompt", true},
                 {"bos_token", tokens.bos},
                 {"eos_token", tokens.eos},
                 {"messages", {user}}};
    const auto render = [&] {
        return source.render(context.dump(-1, ' ', false, Json::error_handler_t::replace), 0);
    };
    auto alone = render();
    context["messages"] = {system, user};
    return {std::move(alone), render()};
}

SystemRole systemRoleOf(const Trial& trial) {
    // A template that leaves the text out would drop it in silence.
    const bool isTaken =
        trial.withSystem && trial.withSystem->text.find(kProbeSystem) != std::string::npos;
    if (!trial.alone) return SystemRole::Demanded;
    return isTaken ? SystemRole::Taken : SystemRole::Refused;
}

std::unique_ptr<ChatTemplate> withRole(std::unique_ptr<ChatTemplate> source, SystemRole role) {
    switch (role) {
        case SystemRole::Refused: return std::make_unique<FoldingTemplate>(std::move(source));
        case SystemRole::Demanded: return std::make_unique<DemandingTemplate>(std::move(source));
        case SystemRole::Taken: break;
    }
    return source;
}

}  // namespace

bool hasSystemMessage(std::string_view contextJson) {
    return hasSystem(Json::parse(contextJson, nullptr, false));
}

ModelTemplate chooseTemplate(std::string_view source, const TemplateTokens& tokens) {
    ModelTemplate chosen;
    if (!source.empty()) {
        auto compiled = compileChatTemplate(source);
        if (!compiled) {
            chosen.problem = compiled.error().message;
        } else if (const Trial trial = tryTemplate(**compiled, tokens);
                   trial.alone || trial.withSystem) {
            chosen.systemRole = systemRoleOf(trial);
            chosen.chat = withRole(std::move(*compiled), chosen.systemRole);
            return chosen;
        } else {
            chosen.problem = trial.alone.error().message;
        }
    }
    chosen.isFallback = true;
    if (auto fallback = compileChatTemplate(chatMlTemplate())) chosen.chat = std::move(*fallback);
    return chosen;
}

}  // namespace sotto
