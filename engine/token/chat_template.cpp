// compileChatTemplate: source → tokens → syntax tree; render: variables → interpreter → text. The
// faults that the interpreter throws become Errors here and nowhere else.
#include "engine/api/chat_template.h"

#include <exception>
#include <new>
#include <utility>

#include "engine/token/jinja/ast.h"
#include "engine/token/jinja/context_json.h"
#include "engine/token/jinja/interpreter.h"
#include "engine/token/jinja/lexer.h"
#include "engine/token/jinja/limits.h"
#include "engine/token/jinja/parser.h"
#include "engine/token/jinja/unicode.h"

namespace sotto {

namespace {

// Templates put whole messages into their faults: enough to recognise, not more than a line.
constexpr std::size_t kMaxShownBytes = 400;

std::string shorten(std::string text) {
    for (char& byte : text) {
        if (static_cast<unsigned char>(byte) < 0x20) byte = ' ';
    }
    if (text.size() <= kMaxShownBytes) return text;
    text.resize(jinja::previousOffset(text, kMaxShownBytes));
    return text + "…";
}

std::string describe(const jinja::TemplateFault& fault, std::string_view what) {
    if (fault.isRaisedByTemplate) return shorten(fault.message);
    std::string message = "The chat template " + std::string(what) + ": " + shorten(fault.message);
    if (message.ends_with('.')) message.pop_back();
    if (fault.line > 0) {
        message += " (line " + std::to_string(fault.line);
        if (fault.column > 0) message += ", column " + std::to_string(fault.column);
        message += ")";
    }
    return message + ".";
}

// A length the standard library refuses and the like: no template may end the program.
std::string describe(const std::exception& exception, std::string_view what) {
    return describe(jinja::TemplateFault{exception.what(), 0, 0, false}, what);
}

class JinjaChatTemplate final : public ChatTemplate {
public:
    explicit JinjaChatTemplate(std::unique_ptr<jinja::Template> source)
        : m_template(std::move(source)) {}

    Result<RenderedText> render(std::string_view contextJson, std::int64_t nowUtc) const override {
        try {
            jinja::Interpreter interpreter(*m_template, nowUtc);
            SOTTO_TRY(jinja::setVariables(interpreter, contextJson));
            const jinja::OriginText rendered = interpreter.run();
            return RenderedText{rendered.bytes(), rendered.callerSpans()};
        } catch (const jinja::TemplateFault& fault) {
            return fail(ErrorCode::BadTemplate, describe(fault, "failed"));
        } catch (const std::bad_alloc&) {
            return fail(ErrorCode::OutOfMemory, "There is not enough memory to render the chat.");
        } catch (const std::exception& exception) {
            return fail(ErrorCode::BadTemplate, describe(exception, "failed"));
        }
    }

private:
    std::unique_ptr<const jinja::Template> m_template;
};

}  // namespace

Result<std::unique_ptr<ChatTemplate>> compileChatTemplate(std::string_view source) {
    if (source.size() > jinja::kMaxSourceBytes) {
        return fail(ErrorCode::BadTemplate, "The chat template is larger than 1 MiB.");
    }
    if (!jinja::isValidUtf8(source)) {
        return fail(ErrorCode::BadTemplate, "The chat template is not valid UTF-8.");
    }
    try {
        jinja::Parser parser(jinja::tokenize(source));
        return std::make_unique<JinjaChatTemplate>(parser.run());
    } catch (const jinja::TemplateFault& fault) {
        return fail(ErrorCode::BadTemplate, describe(fault, "does not compile"));
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, "There is not enough memory for the chat template.");
    } catch (const std::exception& exception) {
        return fail(ErrorCode::BadTemplate, describe(exception, "does not compile"));
    }
}

std::string_view chatMlTemplate() {
    return "{%- for message in messages %}"
           "{{- '<|im_start|>' + message.role + '\\n' + (message.content or '') + '<|im_end|>\\n' "
           "}}"
           "{%- endfor %}"
           "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}";
}

}  // namespace sotto
