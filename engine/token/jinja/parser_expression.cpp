#include <array>
#include <utility>

#include "engine/token/jinja/builtins.h"
#include "engine/token/jinja/limits.h"
#include "engine/token/jinja/parser.h"

namespace sotto::jinja {

Expression* Parser::makeExpression(ExpressionKind kind, std::vector<Expression*> children) {
    Expression& expression = m_template->expressions.emplace_back();
    expression.kind = kind;
    expression.line = current().line;
    expression.column = current().column;
    expression.children = std::move(children);
    return &expression;
}

Expression* Parser::makeBinary(Operator op, Expression* left, Expression* right) {
    Expression* expression = makeExpression(ExpressionKind::Binary, {left, right});
    expression->operators.push_back(op);
    return expression;
}

Expression* Parser::makeName(const std::string& name) {
    Expression* expression = makeExpression(ExpressionKind::Name);
    expression->symbol = m_template->symbolOf(name);
    for (Statement* macro : m_macros) {
        macro->isUsingCaller |= name == "caller";
        macro->isUsingVarargs |= name == "varargs";
        macro->isUsingKwargs |= name == "kwargs";
    }
    return expression;
}

Expression* Parser::parseExpression(bool isConditionalAllowed) {
    const Nesting nesting(*this);
    Expression* expression = parseOr();
    while (isConditionalAllowed && skipName("if")) {
        Expression* condition = parseOr();
        Expression* otherwise = skipName("else") ? parseExpression() : nullptr;
        expression =
            makeExpression(ExpressionKind::Conditional, {condition, expression, otherwise});
    }
    return expression;
}

// One expression, or a tuple when a comma follows. Empty only in brackets: `()`.
Expression* Parser::parseTupleOrExpression(bool isConditionalAllowed, bool isInBrackets) {
    std::vector<Expression*> items;
    bool isTuple = false;
    while (true) {
        const bool isEnd = current().type == TokenType::OutputEnd ||
                           current().type == TokenType::BlockEnd || current().isOperator(")") ||
                           current().isName("recursive");
        if (isEnd) break;
        items.push_back(parseExpression(isConditionalAllowed));
        if (!skipOperator(",")) break;
        isTuple = true;
    }
    if (!isTuple && !items.empty()) return items[0];
    if (!isTuple && !isInBrackets) fault("expected an expression, got " + describeCurrent());
    return makeExpression(ExpressionKind::Tuple, std::move(items));
}

Expression* Parser::parseOr() {
    Expression* left = parseAnd();
    while (skipName("or")) left = makeExpression(ExpressionKind::Or, {left, parseAnd()});
    return left;
}

Expression* Parser::parseAnd() {
    Expression* left = parseNot();
    while (skipName("and")) left = makeExpression(ExpressionKind::And, {left, parseNot()});
    return left;
}

Expression* Parser::parseNot() {
    if (!skipName("not")) return parseComparison();
    const Nesting nesting(*this);
    return makeExpression(ExpressionKind::Not, {parseNot()});
}

Expression* Parser::parseComparison() {
    static constexpr std::array<std::pair<std::string_view, Operator>, 6> kOperators{
        {{"==", Operator::Equal},
         {"!=", Operator::NotEqual},
         {"<", Operator::Less},
         {"<=", Operator::LessEqual},
         {">", Operator::Greater},
         {">=", Operator::GreaterEqual}}};
    std::vector<Expression*> operands{parseSum()};
    std::vector<Operator> operators;
    while (true) {
        const std::size_t before = operators.size();
        for (const auto& [symbol, op] : kOperators) {
            if (before == operators.size() && skipOperator(symbol)) operators.push_back(op);
        }
        if (before == operators.size() && skipName("in")) {
            operators.push_back(Operator::In);
        } else if (before == operators.size() && current().isName("not") && ahead().isName("in")) {
            take();
            take();
            operators.push_back(Operator::NotIn);
        }
        if (before == operators.size()) break;
        operands.push_back(parseSum());
    }
    if (operators.empty()) return operands[0];
    Expression* expression = makeExpression(ExpressionKind::Compare, std::move(operands));
    expression->operators = std::move(operators);
    return expression;
}

Expression* Parser::parseSum() {
    Expression* left = parseConcat();
    while (true) {
        if (skipOperator("+")) {
            left = makeBinary(Operator::Add, left, parseConcat());
        } else if (skipOperator("-")) {
            left = makeBinary(Operator::Subtract, left, parseConcat());
        } else {
            return left;
        }
    }
}

Expression* Parser::parseConcat() {
    std::vector<Expression*> parts{parseProduct()};
    while (skipOperator("~")) parts.push_back(parseProduct());
    if (parts.size() == 1) return parts[0];
    return makeExpression(ExpressionKind::Concat, std::move(parts));
}

Expression* Parser::parseProduct() {
    static constexpr std::array<std::pair<std::string_view, Operator>, 4> kOperators{
        {{"*", Operator::Multiply},
         {"/", Operator::Divide},
         {"//", Operator::FloorDivide},
         {"%", Operator::Modulo}}};
    Expression* left = parsePower();
    while (true) {
        bool isDone = true;
        for (const auto& [symbol, op] : kOperators) {
            if (!isDone || !skipOperator(symbol)) continue;
            left = makeBinary(op, left, parsePower());
            isDone = false;
        }
        if (isDone) return left;
    }
}

Expression* Parser::parsePower() {
    Expression* left = parseUnary();
    while (skipOperator("**")) left = makeBinary(Operator::Power, left, parseUnary());
    return left;
}

// Jinja lets filters bind looser than a sign: -1|abs is (-1)|abs.
Expression* Parser::parseUnary(bool isFilterAllowed) {
    const Nesting nesting(*this);
    Expression* expression = nullptr;
    if (skipOperator("-")) {
        expression = makeExpression(ExpressionKind::Negate, {parseUnary(false)});
    } else if (skipOperator("+")) {
        expression = makeExpression(ExpressionKind::Plus, {parseUnary(false)});
    } else {
        expression = parsePrimary();
    }
    expression = parsePostfix(expression);
    return isFilterAllowed ? parseFilters(expression) : expression;
}

Expression* Parser::parsePrimary() {
    switch (current().type) {
        case TokenType::Name: break;
        case TokenType::String: {
            Expression* constant = makeExpression(ExpressionKind::Constant);
            std::string text;
            while (current().type == TokenType::String) text += take().text;
            constant->value = constantString(std::move(text));
            return constant;
        }
        case TokenType::Integer:
        case TokenType::Float: {
            Expression* constant = makeExpression(ExpressionKind::Constant);
            const Token token = take();
            constant->value = token.type == TokenType::Integer ? constantInteger(token.integer)
                                                               : Value::of(token.real);
            return constant;
        }
        case TokenType::Operator: return parseBracketed();
        default: fault("unexpected " + describeCurrent());
    }
    const std::string name = current().text;
    const bool isFlag = name == "true" || name == "True" || name == "false" || name == "False";
    Expression* expression = nullptr;
    if (isFlag || name == "none" || name == "None") {
        expression = makeExpression(ExpressionKind::Constant);
        expression->value = isFlag ? Value::of((name[0] | 0x20) == 't') : Value::none();
    } else {
        expression = makeName(name);
    }
    take();
    return expression;
}

Expression* Parser::parseBracketed() {
    if (skipOperator("(")) {
        Expression* inner = parseTupleOrExpression(true, true);
        expectOperator(")");
        return inner;
    }
    if (current().isOperator("{")) return parseDict();
    if (!skipOperator("[")) fault("unexpected " + describeCurrent());
    Expression* list = makeExpression(ExpressionKind::List);
    while (!current().isOperator("]")) {
        list->children.push_back(parseExpression());
        if (!skipOperator(",")) break;
    }
    expectOperator("]");
    return list;
}

Expression* Parser::parseDict() {
    Expression* dict = makeExpression(ExpressionKind::Dict);
    expectOperator("{");
    while (!current().isOperator("}")) {
        dict->children.push_back(parseExpression());
        expectOperator(":");
        dict->children.push_back(parseExpression());
        if (!skipOperator(",")) break;
    }
    expectOperator("}");
    return dict;
}

Expression* Parser::parsePostfix(Expression* expression) {
    while (true) {
        if (skipOperator(".")) {
            expression = parseAttribute(expression);
        } else if (skipOperator("[")) {
            expression = parseItem(expression);
        } else if (current().isOperator("(")) {
            expression = parseCall(expression);
        } else {
            return expression;
        }
    }
}

Expression* Parser::parseAttribute(Expression* object) {
    if (current().type == TokenType::Integer) {
        Expression* index = makeExpression(ExpressionKind::Constant);
        index->value = constantInteger(take().integer);
        return makeExpression(ExpressionKind::Item, {object, index});
    }
    Expression* attribute = makeExpression(ExpressionKind::Attribute, {object});
    attribute->name = expectAnyName();
    attribute->value = constantString(attribute->name);
    return attribute;
}

Expression* Parser::parseItem(Expression* object) {
    std::array<Expression*, 3> bounds{};
    bool isSlice = false;
    std::size_t nBounds = 0;
    while (!current().isOperator("]")) {
        if (skipOperator(":")) {
            isSlice = true;
            if (++nBounds > 2) fault("a slice has at most three parts");
        } else if (current().isOperator(",")) {
            fault("a subscript takes one index or slice");
        } else if (bounds[nBounds] != nullptr) {
            fault("expected ']', got " + describeCurrent());
        } else {
            bounds[nBounds] = parseExpression();
        }
    }
    expectOperator("]");
    if (isSlice) {
        return makeExpression(ExpressionKind::Slice, {object, bounds[0], bounds[1], bounds[2]});
    }
    if (bounds[0] == nullptr) fault("expected an index");
    return makeExpression(ExpressionKind::Item, {object, bounds[0]});
}

Expression* Parser::parseCall(Expression* callee) {
    Expression* call = makeExpression(ExpressionKind::Call, {callee});
    parseArguments(*call);
    return call;
}

void Parser::parseArguments(Expression& call) {
    expectOperator("(");
    while (!current().isOperator(")")) {
        if (current().isOperator("*") && call.morePositional == nullptr) {
            take();
            call.morePositional = parseExpression();
        } else if (current().isOperator("**") && call.moreNamed == nullptr) {
            take();
            call.moreNamed = parseExpression();
        } else if (current().type == TokenType::Name && ahead().isOperator("=")) {
            std::string name = take().text;
            take();
            call.named.emplace_back(std::move(name), parseExpression());
        } else if (call.named.empty() && call.morePositional == nullptr &&
                   call.moreNamed == nullptr) {
            call.positional.push_back(parseExpression());
        } else {
            fault("a positional argument follows a named one");
        }
        if (!skipOperator(",")) break;
    }
    expectOperator(")");
}

Expression* Parser::parseFilters(Expression* expression) {
    while (true) {
        if (current().isOperator("|")) {
            expression = parseFilterChain(expression, false);
        } else if (current().isName("is")) {
            expression = parseTest(expression);
        } else if (current().isOperator("(")) {
            expression = parseCall(expression);
        } else {
            return expression;
        }
    }
}

// `isFirstInline`: the first filter's name comes without a '|', as in {% filter upper %}.
Expression* Parser::parseFilterChain(Expression* expression, bool isFirstInline) {
    while (isFirstInline || skipOperator("|")) {
        isFirstInline = false;
        Expression* filter = makeExpression(ExpressionKind::Filter, {expression});
        filter->name = expectAnyName();
        filter->builtin = findFilter(filter->name);
        if (current().isOperator("(")) parseArguments(*filter);
        expression = filter;
    }
    return expression;
}

Expression* Parser::parseTest(Expression* expression) {
    expectName("is");
    const bool isNegated = skipName("not");
    Expression* test = makeExpression(ExpressionKind::Test, {expression});
    test->name = expectAnyName();
    test->builtin = findTest(test->name);
    const Token& next = current();
    const bool isWord = next.type == TokenType::Name && !next.isName("else") &&
                        !next.isName("or") && !next.isName("and");
    if (next.isOperator("(")) {
        parseArguments(*test);
    } else if (isWord || next.type == TokenType::String || next.type == TokenType::Integer ||
               next.type == TokenType::Float || next.isOperator("[") || next.isOperator("{")) {
        if (next.isName("is")) fault("tests cannot be chained with 'is'");
        test->positional.push_back(parsePostfix(parsePrimary()));
    }
    return isNegated ? makeExpression(ExpressionKind::Not, {test}) : test;
}

}  // namespace sotto::jinja
