// Tokens → syntax tree. Second step of compileChatTemplate.
//
// Recursive descent with a depth limit. Source: Jinja 3.1, "Template Designer Documentation", with
// the loop controls extension and transformers' `generation` tag (whose body is rendered as it is).
// Not there: extends, include, import, autoescape. Errors: TemplateFault with line and column.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/token/jinja/ast.h"
#include "engine/token/jinja/lexer.h"

namespace sotto::jinja {

class Parser {
public:
    explicit Parser(std::vector<Token> tokens) : m_tokens(std::move(tokens)) {}
    std::unique_ptr<Template> run();

private:
    // parser.cpp: statements
    Body parseBody(const std::vector<std::string_view>& endTags);
    Statement* parseStatement();
    Statement* parseIf();
    Statement* parseFor();
    Statement* parseSet();
    Statement* parseWith();
    Statement* parseMacro();
    Statement* parseCallBlock();
    Statement* parseFilterBlock();
    Statement* parseGroup(std::string_view endTag);
    void parseParameters(Statement& statement);
    Body parseMacroBody(Statement& statement, std::string_view endTag);
    // Body of a block that has only one end tag; takes the tag too.
    Body parseBlock(std::string_view endTag);
    Target parseTarget(bool isNamespaceAllowed);
    Target parseOneTarget(bool isNamespaceAllowed);
    Statement* makeStatement(StatementKind kind);

    // parser_expression.cpp
    Expression* parseExpression(bool isConditionalAllowed = true);
    Expression* parseTupleOrExpression(bool isConditionalAllowed = true, bool isInBrackets = false);
    Expression* parseOr();
    Expression* parseAnd();
    Expression* parseNot();
    Expression* parseComparison();
    Expression* parseSum();
    Expression* parseConcat();
    Expression* parseProduct();
    Expression* parsePower();
    Expression* parseUnary(bool isFilterAllowed = true);
    Expression* parsePrimary();
    Expression* parseBracketed();
    Expression* parseDict();
    Expression* parsePostfix(Expression* expression);
    Expression* parseFilters(Expression* expression);
    Expression* parseFilterChain(Expression* expression, bool isFirstInline);
    Expression* parseTest(Expression* expression);
    Expression* parseAttribute(Expression* object);
    Expression* parseItem(Expression* object);
    Expression* parseCall(Expression* callee);
    void parseArguments(Expression& call);
    Expression* makeExpression(ExpressionKind kind, std::vector<Expression*> children = {});
    Expression* makeBinary(Operator op, Expression* left, Expression* right);
    Expression* makeName(const std::string& name);

    const Token& current() const { return m_tokens[m_index]; }
    const Token& ahead() const {
        return m_tokens[m_index + 1 < m_tokens.size() ? m_index + 1 : m_index];
    }
    Token take();
    bool skipOperator(std::string_view symbol);
    bool skipName(std::string_view name);
    void expectOperator(std::string_view symbol);
    void expectName(std::string_view name);
    std::string expectAnyName();
    void expect(TokenType type, std::string_view description);
    [[noreturn]] void fault(std::string message) const;
    std::string describeCurrent() const;

    // Counts a level of nesting for as long as it lives.
    class Nesting;

    std::vector<Token> m_tokens;
    std::size_t m_index = 0;
    int m_depth = 0;
    int m_loopDepth = 0;
    std::vector<Statement*> m_macros;  // the macros around the current place
    std::unique_ptr<Template> m_template = std::make_unique<Template>();
};

// Counts down when it leaves, so that a fault in between does no harm.
class Parser::Nesting {
public:
    explicit Nesting(Parser& parser);
    ~Nesting() { --m_parser.m_depth; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

private:
    Parser& m_parser;
};

}  // namespace sotto::jinja
