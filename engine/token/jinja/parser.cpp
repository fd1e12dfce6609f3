#include "engine/token/jinja/parser.h"

#include <algorithm>
#include <utility>

#include "engine/token/jinja/limits.h"

namespace sotto::jinja {

Parser::Nesting::Nesting(Parser& parser) : m_parser(parser) {
    if (++parser.m_depth > kMaxParseDepth) {
        --parser.m_depth;
        parser.fault("the template is nested too deeply");
    }
}

std::unique_ptr<Template> Parser::run() {
    m_template->symbolOf("loop");  // names that the interpreter binds itself
    m_template->symbolOf("caller");
    m_template->symbolOf("varargs");
    m_template->symbolOf("kwargs");
    m_template->body = parseBody({});
    return std::move(m_template);
}

Token Parser::take() {
    Token token = m_tokens[m_index];
    if (m_index + 1 < m_tokens.size()) ++m_index;
    return token;
}

bool Parser::skipOperator(std::string_view symbol) {
    if (!current().isOperator(symbol)) return false;
    take();
    return true;
}

bool Parser::skipName(std::string_view name) {
    if (!current().isName(name)) return false;
    take();
    return true;
}

void Parser::expectOperator(std::string_view symbol) {
    if (!skipOperator(symbol)) {
        fault("expected '" + std::string(symbol) + "', got " + describeCurrent());
    }
}

void Parser::expectName(std::string_view name) {
    if (!skipName(name)) fault("expected '" + std::string(name) + "', got " + describeCurrent());
}

std::string Parser::expectAnyName() {
    if (current().type != TokenType::Name) fault("expected a name, got " + describeCurrent());
    return take().text;
}

void Parser::expect(TokenType type, std::string_view description) {
    if (current().type != type) {
        fault("expected " + std::string(description) + ", got " + describeCurrent());
    }
    take();
}

void Parser::fault(std::string message) const {
    throw TemplateFault{std::move(message), current().line, current().column, false};
}

std::string Parser::describeCurrent() const {
    switch (current().type) {
        case TokenType::Text: return "text";
        case TokenType::OutputBegin: return "'{{'";
        case TokenType::OutputEnd: return "'}}'";
        case TokenType::BlockBegin: return "'{%'";
        case TokenType::BlockEnd: return "'%}'";
        case TokenType::String: return "a string";
        case TokenType::Integer:
        case TokenType::Float: return "a number";
        case TokenType::Name:
        case TokenType::Operator: return "'" + current().text.substr(0, 60) + "'";
        case TokenType::End: break;
    }
    return "the end of the template";
}

Statement* Parser::makeStatement(StatementKind kind) {
    Statement& statement = m_template->statements.emplace_back();
    statement.kind = kind;
    statement.line = current().line;
    statement.column = current().column;
    return &statement;
}

// Up to a tag whose name is in `endTags` (left as the current token, behind its '{%'), or to the
// end when there are none.
Body Parser::parseBody(const std::vector<std::string_view>& endTags) {
    const Nesting nesting(*this);
    Body body;
    while (current().type != TokenType::End) {
        if (current().type == TokenType::Text) {
            Statement* text = makeStatement(StatementKind::Text);
            text->text = take().text;
            body.push_back(text);
        } else if (current().type == TokenType::OutputBegin) {
            take();
            Statement* output = makeStatement(StatementKind::Output);
            output->expression = parseTupleOrExpression();
            expect(TokenType::OutputEnd, "'}}'");
            body.push_back(output);
        } else {
            expect(TokenType::BlockBegin, "a tag");
            const bool isEnd = std::any_of(endTags.begin(), endTags.end(),
                                           [this](auto tag) { return current().isName(tag); });
            if (isEnd) return body;
            body.push_back(parseStatement());
            expect(TokenType::BlockEnd, "'%}'");
        }
    }
    if (!endTags.empty()) {
        fault("the template ends before '{% " + std::string(endTags.back()) + " %}'");
    }
    return body;
}

Body Parser::parseBlock(std::string_view endTag) {
    skipOperator(":");
    expect(TokenType::BlockEnd, "'%}'");
    Body body = parseBody({endTag});
    take();
    return body;
}

Statement* Parser::parseStatement() {
    const std::string tag = expectAnyName();
    if (tag == "if") return parseIf();
    if (tag == "for") return parseFor();
    if (tag == "set") return parseSet();
    if (tag == "with") return parseWith();
    if (tag == "macro") return parseMacro();
    if (tag == "call") return parseCallBlock();
    if (tag == "filter") return parseFilterBlock();
    if (tag == "generation") return parseGroup("endgeneration");
    if (tag == "break" || tag == "continue") {
        if (m_loopDepth == 0) fault("'" + tag + "' outside of a loop");
        return makeStatement(tag == "break" ? StatementKind::Break : StatementKind::Continue);
    }
    fault("the tag '" + tag.substr(0, 60) + "' is not known or not expected here");
}

Statement* Parser::parseGroup(std::string_view endTag) {
    Statement* group = makeStatement(StatementKind::Group);
    group->body = parseBlock(endTag);
    return group;
}

Statement* Parser::parseIf() {
    Statement* statement = makeStatement(StatementKind::If);
    while (true) {
        Expression* condition = parseTupleOrExpression(false);
        skipOperator(":");
        expect(TokenType::BlockEnd, "'%}'");
        statement->branches.emplace_back(condition, parseBody({"elif", "else", "endif"}));
        const Token tag = take();
        if (tag.isName("elif")) continue;
        if (tag.isName("else")) statement->otherwise = parseBlock("endif");
        return statement;
    }
}

Statement* Parser::parseFor() {
    Statement* statement = makeStatement(StatementKind::For);
    statement->target = parseTarget(false);
    expectName("in");
    statement->expression = parseTupleOrExpression(false);
    if (skipName("if")) statement->condition = parseExpression();
    statement->isRecursive = skipName("recursive");
    skipOperator(":");
    expect(TokenType::BlockEnd, "'%}'");
    ++m_loopDepth;
    statement->body = parseBody({"else", "endfor"});
    --m_loopDepth;
    if (take().isName("else")) statement->otherwise = parseBlock("endfor");
    return statement;
}

Statement* Parser::parseSet() {
    Statement* statement = makeStatement(StatementKind::Set);
    statement->target = parseTarget(true);
    if (skipOperator("=")) {
        statement->expression = parseTupleOrExpression();
        return statement;
    }
    statement->kind = StatementKind::SetBlock;
    statement->expression = parseFilterChain(nullptr, false);
    statement->body = parseBlock("endset");
    return statement;
}

Statement* Parser::parseWith() {
    Statement* statement = makeStatement(StatementKind::With);
    while (current().type != TokenType::BlockEnd) {
        if (!statement->variables.empty()) expectOperator(",");
        Target target = parseTarget(false);
        expectOperator("=");
        statement->variables.emplace_back(std::move(target), parseExpression());
    }
    statement->body = parseBlock("endwith");
    return statement;
}

Statement* Parser::parseMacro() {
    Statement* statement = makeStatement(StatementKind::Macro);
    statement->text = expectAnyName();
    statement->target.symbol = m_template->symbolOf(statement->text);
    parseParameters(*statement);
    statement->body = parseMacroBody(*statement, "endmacro");
    return statement;
}

Statement* Parser::parseCallBlock() {
    Statement* statement = makeStatement(StatementKind::CallBlock);
    statement->text = "caller";
    if (current().isOperator("(")) parseParameters(*statement);
    statement->expression = parseExpression();
    if (statement->expression->kind != ExpressionKind::Call) fault("expected a call");
    statement->body = parseMacroBody(*statement, "endcall");
    return statement;
}

void Parser::parseParameters(Statement& statement) {
    m_macros.push_back(&statement);  // a default may name `caller` too
    expectOperator("(");
    while (!current().isOperator(")")) {
        if (!statement.parameters.empty()) expectOperator(",");
        Parameter parameter;
        parameter.name = expectAnyName();
        parameter.symbol = m_template->symbolOf(parameter.name);
        if (skipOperator("=")) {
            parameter.fallback = parseExpression();
        } else if (!statement.parameters.empty() && statement.parameters.back().fallback) {
            fault("a parameter without a default follows one with a default");
        }
        statement.parameters.push_back(std::move(parameter));
    }
    expectOperator(")");
    m_macros.pop_back();
}

Body Parser::parseMacroBody(Statement& statement, std::string_view endTag) {
    m_macros.push_back(&statement);
    const int loopDepth = std::exchange(m_loopDepth, 0);
    Body body = parseBlock(endTag);
    m_loopDepth = loopDepth;
    m_macros.pop_back();
    return body;
}

Statement* Parser::parseFilterBlock() {
    Statement* statement = makeStatement(StatementKind::FilterBlock);
    statement->expression = parseFilterChain(nullptr, true);
    statement->body = parseBlock("endfilter");
    return statement;
}

Target Parser::parseTarget(bool isNamespaceAllowed) {
    const Nesting nesting(*this);
    Target first = parseOneTarget(isNamespaceAllowed);
    if (!current().isOperator(",")) return first;
    Target tuple;
    tuple.isTuple = true;
    tuple.parts.push_back(std::move(first));
    while (skipOperator(",")) {
        const bool isEnd = current().isName("in") || current().isOperator("=") ||
                           current().isOperator(")") || current().type == TokenType::BlockEnd;
        if (isEnd) break;
        tuple.parts.push_back(parseOneTarget(isNamespaceAllowed));
    }
    return tuple;
}

Target Parser::parseOneTarget(bool isNamespaceAllowed) {
    if (skipOperator("(")) {
        Target target = parseTarget(isNamespaceAllowed);
        expectOperator(")");
        return target;
    }
    Target target;
    const std::string name = expectAnyName();
    if (name == "true" || name == "false" || name == "none" || name == "True" || name == "False" ||
        name == "None") {
        fault("can't assign to '" + name + "'");
    }
    target.symbol = m_template->symbolOf(name);
    if (isNamespaceAllowed && skipOperator(".")) target.attribute = expectAnyName();
    return target;
}

}  // namespace sotto::jinja
