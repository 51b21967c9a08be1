#include "fleetctl/cli/completion.h"

#include <string>
#include <vector>

namespace flotilla::fleetctl {
namespace {

// Words that may follow the words of `path`: subcommands, then long options.
struct Place {
  std::string path;
  std::string words;
};

void Collect(const CLI::App& app, const std::string& path, std::vector<Place>& places) {
  Place place{path, ""};
  for (const CLI::App* child : app.get_subcommands({})) {
    place.words += child->get_name() + " ";
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      place.words += "--" + name + " ";
    }
  }
  places.push_back(place);
  for (const CLI::App* child : app.get_subcommands({})) {
    Collect(*child, path + " " + child->get_name(), places);
  }
}

std::string Cases(const std::vector<Place>& places) {
  std::string text;
  for (const Place& place : places) {
    text += "    '" + place.path + "') words='" + place.words + "' ;;\n";
  }
  return text;
}

std::string Bash(const std::vector<Place>& places) {
  return "_fleetctl() {\n"
         "  local path=fleetctl words='' i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    [[ ${COMP_WORDS[i]} == -* ]] || path+=\" ${COMP_WORDS[i]}\"\n"
         "  done\n"
         "  case \"$path\" in\n" +
         Cases(places) +
         "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
         "}\n"
         "complete -o default -F _fleetctl fleetctl\n";
}

std::string Zsh(const std::vector<Place>& places) {
  return "#compdef fleetctl\n"
         "_fleetctl() {\n"
         "  local path=fleetctl word typed\n"
         "  typed=(${(@)words[2,CURRENT-1]})\n"
         "  for word in $typed; do\n"
         "    [[ $word == -* ]] || path+=\" $word\"\n"
         "  done\n"
         "  local words=''\n"
         "  case \"$path\" in\n" +
         Cases(places) +
         "  esac\n"
         "  compadd -- ${=words}\n"
         "}\n"
         "compdef _fleetctl fleetctl\n";
}

std::string Fish(const std::vector<Place>& places) {
  std::string text =
      "function __fleetctl_path\n"
      "  echo (string match -v -- '-*' (commandline -opc)) | string trim\n"
      "end\n";
  for (const Place& place : places) {
    text += "complete -c fleetctl -n 'test \"$(__fleetctl_path)\" = \"" + place.path + "\"' -a '" +
            place.words + "'\n";
  }
  return text;
}

}  // namespace

StatusOr<std::string> CompletionScript(const CLI::App& app, const std::string& shell) {
  std::vector<Place> places;
  Collect(app, "fleetctl", places);
  if (shell == "bash") {
    return Bash(places);
  }
  if (shell == "zsh") {
    return Zsh(places);
  }
  if (shell == "fish") {
    return Fish(places);
  }
  return InvalidArgument("completion is for bash, zsh or fish, not '" + shell + "'");
}

}  // namespace flotilla::fleetctl
