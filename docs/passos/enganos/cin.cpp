/* cin.cpp - cin >> para no primeiro espaco. Compile com g++. */
#include <iostream>
#include <string>

int main() {
    std::string mensagem;
    std::cin >> mensagem;
    std::cout << "envio \"" << mensagem << "\"\n";
    return 0;
}
