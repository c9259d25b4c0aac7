// Translates with a .tflite of kerasformer over the C API of LiteRT 2.3: translate MODEL < SOURCES > TRANSLATIONS
//
// With -DWITH_SENTENCEPIECE, lines are texts and the second argument is the tokenizer.model of the file. Without it,
// lines are token ids without eos, and each answer is its token ids, a tab and its score.
// docs/device.md has the command that compiles it.

#include <cstdint>
#include <cstring>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#ifdef WITH_SENTENCEPIECE
#include <sentencepiece_processor.h>
#endif

// What litert/c/*.h declare of the functions used here: the wheel of ai-edge-litert has the library without its headers.
extern "C" {
typedef struct LiteRtEnvironmentT* LiteRtEnvironment;
typedef struct LiteRtModelT* LiteRtModel;
typedef struct LiteRtOptionsT* LiteRtOptions;
typedef struct LiteRtCompiledModelT* LiteRtCompiledModel;
typedef struct LiteRtSignatureT* LiteRtSignature;
typedef struct LiteRtTensorT* LiteRtTensor;
typedef struct LiteRtTensorBufferT* LiteRtTensorBuffer;
typedef struct LiteRtTensorBufferRequirementsT* LiteRtTensorBufferRequirements;
typedef struct { int32_t element_type, layout[17]; } LiteRtRankedTensorType;

int LiteRtCreateEnvironment(int, const void*, LiteRtEnvironment*);
int LiteRtCreateModelFromFile(LiteRtEnvironment, const char*, LiteRtModel*);
int LiteRtCreateOptions(LiteRtOptions*);
int LiteRtSetOptionsHardwareAccelerators(LiteRtOptions, int);
int LiteRtCreateCompiledModel(LiteRtEnvironment, LiteRtModel, LiteRtOptions, LiteRtCompiledModel*);
int LiteRtGetNumModelSignatures(LiteRtModel, size_t*);
int LiteRtGetModelSignature(LiteRtModel, size_t, LiteRtSignature*);
int LiteRtGetSignatureKey(LiteRtSignature, const char**);
int LiteRtGetNumSignatureOutputs(LiteRtSignature, size_t*);
int LiteRtGetSignatureOutputName(LiteRtSignature, size_t, const char**);
int LiteRtGetSignatureInputTensorByIndex(LiteRtSignature, size_t, LiteRtTensor*);
int LiteRtGetSignatureOutputTensorByIndex(LiteRtSignature, size_t, LiteRtTensor*);
int LiteRtGetRankedTensorType(LiteRtTensor, LiteRtRankedTensorType*);
int LiteRtGetCompiledModelInputBufferRequirements(
    LiteRtCompiledModel, size_t, size_t, LiteRtTensorBufferRequirements*);
int LiteRtGetCompiledModelOutputBufferRequirements(
    LiteRtCompiledModel, size_t, size_t, LiteRtTensorBufferRequirements*);
int LiteRtCreateManagedTensorBufferFromRequirements(
    LiteRtEnvironment, const LiteRtRankedTensorType*, LiteRtTensorBufferRequirements, LiteRtTensorBuffer*);
int LiteRtGetTensorBufferPackedSize(LiteRtTensorBuffer, size_t*);
int LiteRtLockTensorBuffer(LiteRtTensorBuffer, void**, int mode);
int LiteRtUnlockTensorBuffer(LiteRtTensorBuffer);
int LiteRtRunCompiledModel(
    LiteRtCompiledModel, size_t, size_t, LiteRtTensorBuffer*, size_t, LiteRtTensorBuffer*);
}

constexpr int CPU = 1, READ = 0, WRITE = 1;  // LiteRtHwAccelerators, LiteRtTensorBufferLockMode
constexpr int32_t PAD = 0, EOS = 3;          // pad_id and eos_id in kerasformer.json, the same in all files

void check(int status, const std::string& what) {
  if (status) throw std::runtime_error(what + " failed with status " + std::to_string(status));
}

std::vector<int32_t> read(LiteRtTensorBuffer buffer) {
  size_t bytes;
  void* data;
  check(LiteRtGetTensorBufferPackedSize(buffer, &bytes), "size");
  std::vector<int32_t> values(bytes / sizeof(int32_t));
  check(LiteRtLockTensorBuffer(buffer, &data, READ), "lock");
  std::memcpy(values.data(), data, bytes);
  check(LiteRtUnlockTensorBuffer(buffer), "unlock");
  return values;
}

// A signature that translates: its place in the file, and its buffers.
struct Signature {
  size_t index = 0, length = 0;
  LiteRtTensorBuffer input = nullptr;
  std::vector<LiteRtTensorBuffer> outputs;
  std::map<std::string, size_t> places;  // of outputs, by name
};

struct Answer {
  std::vector<int> token_ids;
  float score = 0;
};

// Serves one thread at a time. It lives as long as the process, so it releases nothing.
class Translator {
 public:
  explicit Translator(const std::string& path) {
    LiteRtOptions options;
    check(LiteRtCreateEnvironment(0, nullptr, &environment_), "environment");
    check(LiteRtCreateModelFromFile(environment_, path.c_str(), &model_), "reading " + path);
    check(LiteRtCreateOptions(&options), "options");
    check(LiteRtSetOptionsHardwareAccelerators(options, CPU), "options");
    check(LiteRtCreateCompiledModel(environment_, model_, options, &compiled_), "compiling " + path);
    size_t count;
    check(LiteRtGetNumModelSignatures(model_, &count), "signatures");
    for (size_t i = 0; i < count; i++) {
      LiteRtSignature signature;
      const char* key;
      check(LiteRtGetModelSignature(model_, i, &signature), "signature");
      check(LiteRtGetSignatureKey(signature, &key), "signature");
      const std::string name = key, number = name.size() > 10 ? name.substr(10) : "";
      const bool is_short = name.rfind("translate_", 0) == 0 && number.find_first_not_of("0123456789") == number.npos;
      if (name == "translate" || is_short) {
        const Signature found = open(i, signature);
        by_length_[found.length] = found;
      }
    }
    if (by_length_.empty()) throw std::runtime_error(path + " is no translator of kerasformer");
  }

  // Source ids without eos: those of one sentence, cleaned. The shortest signature that they fit takes the least time.
  Answer translate(std::vector<int> ids) {
    if (ids.empty()) return {};
    ids.push_back(EOS);
    const auto place = by_length_.lower_bound(ids.size());
    if (place == by_length_.end()) throw std::runtime_error("a sentence has too many tokens: split it");
    Signature& signature = place->second;
    void* data;
    ids.resize(signature.length, PAD);
    check(LiteRtLockTensorBuffer(signature.input, &data, WRITE), "lock");
    std::memcpy(data, ids.data(), ids.size() * sizeof(int32_t));
    check(LiteRtUnlockTensorBuffer(signature.input), "unlock");
    auto& outputs = signature.outputs;
    check(LiteRtRunCompiledModel(compiled_, signature.index, 1, &signature.input, outputs.size(), outputs.data()), "run");
    Answer answer;
    for (int id : read(outputs[signature.places.at("token_ids")]))
      if (id != PAD && id != EOS) answer.token_ids.push_back(id);
    const int32_t bits = read(outputs[signature.places.at("score")])[0];
    std::memcpy(&answer.score, &bits, sizeof bits);
    return answer;
  }

 private:
  Signature open(size_t index, LiteRtSignature signature) {
    Signature found;
    LiteRtTensor tensor;
    LiteRtTensorBufferRequirements needs;
    size_t bytes, count;
    found.index = index;
    check(LiteRtGetSignatureInputTensorByIndex(signature, 0, &tensor), "input");
    check(LiteRtGetCompiledModelInputBufferRequirements(compiled_, index, 0, &needs), "input");
    found.input = buffer(tensor, needs);
    check(LiteRtGetTensorBufferPackedSize(found.input, &bytes), "size");
    found.length = bytes / sizeof(int32_t);
    check(LiteRtGetNumSignatureOutputs(signature, &count), "outputs");
    for (size_t i = 0; i < count; i++) {
      const char* name;
      check(LiteRtGetSignatureOutputName(signature, i, &name), "output");
      check(LiteRtGetSignatureOutputTensorByIndex(signature, i, &tensor), "output");
      check(LiteRtGetCompiledModelOutputBufferRequirements(compiled_, index, i, &needs), "output");
      found.places[name] = i;
      found.outputs.push_back(buffer(tensor, needs));
    }
    return found;
  }

  LiteRtTensorBuffer buffer(LiteRtTensor tensor, LiteRtTensorBufferRequirements needs) {
    LiteRtRankedTensorType type;
    LiteRtTensorBuffer buffer;
    check(LiteRtGetRankedTensorType(tensor, &type), "type");
    check(LiteRtCreateManagedTensorBufferFromRequirements(environment_, &type, needs, &buffer), "buffer");
    return buffer;
  }

  LiteRtEnvironment environment_;
  LiteRtModel model_;
  LiteRtCompiledModel compiled_;
  std::map<size_t, Signature> by_length_;
};

#ifdef WITH_SENTENCEPIECE
void answer(Translator& translator, const std::string& line, const sentencepiece::SentencePieceProcessor& tokenizer) {
  std::cout << tokenizer.DecodeIds(translator.translate(tokenizer.EncodeAsIds(line)).token_ids) << std::endl;
}
#else
void answer(Translator& translator, const std::string& line) {
  std::istringstream words(line);
  std::vector<int> ids;
  for (int id; words >> id;) ids.push_back(id);
  const Answer found = translator.translate(ids);
  for (size_t i = 0; i < found.token_ids.size(); i++) std::cout << (i ? " " : "") << found.token_ids[i];
  std::cout << '\t' << found.score << std::endl;
}
#endif

int main(int argc, char** argv) {
  try {
#ifdef WITH_SENTENCEPIECE
    if (argc != 3) throw std::runtime_error("usage: translate MODEL TOKENIZER < TEXTS");
    sentencepiece::SentencePieceProcessor tokenizer;
    if (!tokenizer.Load(argv[2]).ok()) throw std::runtime_error(std::string(argv[2]) + " is no tokenizer");
#else
    if (argc != 2) throw std::runtime_error("usage: translate MODEL < IDS");
#endif
    Translator translator(argv[1]);
    for (std::string line; std::getline(std::cin, line);) {
#ifdef WITH_SENTENCEPIECE
      answer(translator, line, tokenizer);
#else
      answer(translator, line);
#endif
    }
  } catch (const std::exception& error) {
    std::cerr << "translate: " << error.what() << std::endl;
    return 2;
  }
  return 0;
}
